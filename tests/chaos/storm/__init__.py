"""A storm: the whole of Showrunner under load while faults strike at random, and an account of it that is our own."""

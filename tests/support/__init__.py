"""What tests of several rooms use: servers of their own, processes, waiting."""

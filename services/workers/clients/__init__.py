"""Clients of the outside world: each asks one kind of server, at its pace, and says plainly what went wrong."""

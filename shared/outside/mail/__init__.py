"""A mail server as gateway and workers see it: how it is set up, what opens it, talking with it, looking at it."""

"""Decides what administrators are told of jobs; the worker `mail` sends it."""

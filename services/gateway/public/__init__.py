"""Pages for people who have no account here: they need neither log-in nor script."""

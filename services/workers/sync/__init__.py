"""Keeps the directory in step with what the servers hold: libraries, accounts, who sees what."""

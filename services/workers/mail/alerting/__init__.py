"""Sends alerts to administrators by other ways than mail."""

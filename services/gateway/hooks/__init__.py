"""Hooks: other programs run jobs by a call (in), and are told how runs ended (out)."""

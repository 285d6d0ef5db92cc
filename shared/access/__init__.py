"""Who should have what, and what is to be done about it: rules that take values and today's date. Pure."""

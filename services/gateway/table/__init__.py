"""People and their subscriptions as a table (CSV, RFC 4180), out and in. Pure."""

"""One part at a time, on real NATS and PostgreSQL."""

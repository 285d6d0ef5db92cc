"""PostgreSQL and NATS from their wheels, run as children of `showrunner up` in one data folder."""

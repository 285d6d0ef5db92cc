"""The gateway's tables: one query module a table. Beside the projector, the only SQL of the gateway."""

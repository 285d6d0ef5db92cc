"""Brings what people have on the servers to what they should have, and notices who should have it no more."""

"""Whole services together, as a person meets them."""

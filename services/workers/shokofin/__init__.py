"""The twelve scheduled tasks of Shokofin, run from outside."""

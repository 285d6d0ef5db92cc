"""Something is killed while work is under way; afterwards everything is counted."""

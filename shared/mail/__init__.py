"""Which message is due to whom, and in which words: rules that take values and today's date. Pure."""

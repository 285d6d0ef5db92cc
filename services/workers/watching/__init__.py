"""The watch over media servers: library scans and streams, told to whoever waits for them to end."""

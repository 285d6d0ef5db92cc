"""What all who speak to media servers need: what can go wrong, one plain request, and a look at a server."""

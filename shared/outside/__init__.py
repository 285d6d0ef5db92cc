"""What every service that speaks to media servers needs: what can go wrong, one plain request, and a look at a server."""

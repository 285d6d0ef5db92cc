"""`backup` and `restore`: of this machine's database, or of whichever Showrunner answers."""

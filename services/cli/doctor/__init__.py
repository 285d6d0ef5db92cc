"""`doctor`: looks at an installation from this machine, says what is wrong with it, and how to mend it."""

"""The figures that Showrunner is held to, each beside its limit and beside a peer measured in the same run."""

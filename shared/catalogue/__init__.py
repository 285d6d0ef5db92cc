"""Which specs may stand in the catalogue: the rules that all who write and read it keep. Pure."""

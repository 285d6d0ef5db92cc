"""Jobs as code: what was decided on an installation as one TOML file, written by `export`, carried out by `apply`."""

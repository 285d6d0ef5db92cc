"""The outside world, simulated: plex.tv, Plex and Jellyfin servers that keep state, check tokens and refuse.

`neighbourhood.running` starts a whole household's servers; `python -m tests.simulators` does it for a demo.
"""

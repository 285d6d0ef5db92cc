"""The outside world, simulated: plex.tv, Plex, Jellyfin and Shoko servers that keep state, check tokens and refuse.

`neighbourhood.running(make_household())` starts a whole household's servers inside a test; each can be started alone
too, with `async with`. `python -m tests.simulators` starts them for a demo.

Every server has `faults` (what is to go wrong), `requests` (what was asked, how often), a `journal` (what clients
changed) and a state that a test may read and change as it likes. To add a server: its state in one module, what it
writes in another, its pages in a subclass of `base.Simulator`.
"""

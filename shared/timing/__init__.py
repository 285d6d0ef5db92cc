"""Pure rules of time: when a schedule is due, how it is said in words, and how intervals are written.

Moments are whole milliseconds since the Unix epoch, UTC, so that a hundred thousand schedules stay cheap.
"""

"""One service a process, as in containers: NATS and Postgres are somebody else's. Each loads no more than it runs.

The scheduler alone declares streams, and needs the rights for it; all others wait until they are there.
"""

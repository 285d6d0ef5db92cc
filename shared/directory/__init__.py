"""The `media` schema and its doors, for workers and gateway alike.

- `Directory`: servers, libraries and accounts, and who was seen to have what
- `Membership`: what people decide about people
- `AccessBook`: all that decides about access, and what is noted about it between runs
- `Ledger`: effects outside, written down before and closed after
- `Preferences`: what people set
"""

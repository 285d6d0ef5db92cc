"""The `media` schema and its one door: servers, libraries, people, accounts, and who was seen to have what."""

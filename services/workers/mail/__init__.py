"""Sends what is due to people: notices about their access, reminders of invitations, campaigns. See docs/mail.md."""

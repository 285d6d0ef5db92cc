"""Backups: one file each, that tells by itself whether it is whole, untouched and ours; made, checked and restored."""

"""What people have watched, kept alike on Jellyfin and Shoko."""

"""What is kept of the past, and how what has had its time is deleted, in both schemas."""

"""What people see: tables, colours, times and bars. Only the screen writes; the rest takes values and returns text."""

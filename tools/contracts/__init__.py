"""The documents that are made from the code: what each is made of, and how."""

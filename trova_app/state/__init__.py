"""What a page remembers while it is open, and its thin handlers. Holds no truth."""

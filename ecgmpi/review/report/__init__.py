"""The report of an OUT: one self-contained page, and its numbers."""

"""Damaged files by the thousand, each read by itself: `python -m tests.fuzz --help`."""

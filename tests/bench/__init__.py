"""Measurements: each a command that prints what it found and fails below its gate."""

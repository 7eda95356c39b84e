"""One recording in memory, its leads, and what looks odd in them. Start at `record`."""

"""Many leads in one picture. Start at `draw`."""

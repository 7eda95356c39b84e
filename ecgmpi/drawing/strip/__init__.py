"""One lead in one picture. Start at `draw`."""

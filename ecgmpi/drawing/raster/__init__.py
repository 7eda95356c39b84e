"""From geometry to pixels: grid, letters, traces, and the templates they share."""

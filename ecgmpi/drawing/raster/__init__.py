"""From geometry to pixels: grid, letters, traces, and backgrounds. Start at `trace_pixels`."""

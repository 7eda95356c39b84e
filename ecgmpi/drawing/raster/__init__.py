"""From geometry to pixels: grid, letters, traces, and templates. Start at `trace_pixels`."""

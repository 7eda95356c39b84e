"""From pixels, or from lines and letters, to the bytes of a file. Start at `registry`."""

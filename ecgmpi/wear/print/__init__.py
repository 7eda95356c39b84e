"""Ink and preprinted paper before they are pixels: most of it changes the palette alone."""

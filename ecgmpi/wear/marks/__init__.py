"""What happens to the page itself: pen, stamps, stains, mould, holes, tears, tape.

`patch` blends a mark into its bounding box and says what it hides, `strokes` draws lines of a pen,
`outline` and `texture` make irregular shapes, `glyphs` and `handwriting` letters.
"""

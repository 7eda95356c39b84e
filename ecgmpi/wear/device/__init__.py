"""Effects of what looks at the sheet: a scanner or a camera. A copy has one of them, or none."""

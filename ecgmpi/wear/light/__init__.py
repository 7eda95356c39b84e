"""The light on the sheet, and what lies around it.

Effects work on the nodes of the control grid, which cost next to nothing; `exposure` puts their
light on the pixels. What lies around the sheet is made before the sheet is mapped onto it.
"""

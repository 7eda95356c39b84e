"""Where everything on a page is after it was worn. Start at `outputs`."""

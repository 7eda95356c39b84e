"""Other labels for a finished OUT, without drawing anything: start at `label_out`."""

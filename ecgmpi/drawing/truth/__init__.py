"""Ground truth beside a picture, for training: annotation and mask. Start at `outputs`."""

"""The OUT folder: its paths, its owner, and the job it was begun with. Start at `paths`."""

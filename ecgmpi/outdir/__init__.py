"""The OUT folder: its paths, its owner, and the job that began it. Start at `paths`."""

"""The recipes of the chapter on clusters: its commands, run on corpora of just those layouts."""

"""INPUT to a catalogue of recordings on disk. Start at `inputs`."""

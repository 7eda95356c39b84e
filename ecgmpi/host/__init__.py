"""The machine: cores, memory, signals, the launcher of this process. Start at `launch`."""

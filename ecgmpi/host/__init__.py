"""The machine: cores, memory, signals and the launcher that started this process."""

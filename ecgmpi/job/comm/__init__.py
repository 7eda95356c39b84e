"""Ranks that exchange messages, with MPI or without; nothing blocks. Start at `communicator`."""

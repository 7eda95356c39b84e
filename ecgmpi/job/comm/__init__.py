"""Ranks that exchange messages, with MPI or without; nothing blocks. Start at `communicator`.

What the messages are is for `ecgmpi.job.protocol` to say.
"""

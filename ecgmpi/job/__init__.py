"""One run over all ranks. Start at `run`.

Rank 0 runs `lead`, every other rank `follow`. What they say to each other is in `protocol`:
`leader` is rank 0's part of the conversation, `rank` that of every rank, rank 0 too.
"""

"""Ranks that exchange messages, with MPI or without; nothing blocks. Start at `communicator`.

What ranks say to rank 0, and what it answers:

                    begin          once OUT is claimed: the number of this run
    want n      ->  chunks [...]   or  check [...] once all is drawn,  or  no-more
    done        ->                 (counts only; the rows are in the journal)
    changed n [...] ->             (with --strict: files of chunk n that have changed)
    whole [...] ->                 (chunks that were checked and are complete)
    again [...] ->  items [...]    recordings of a finished chunk that must be drawn again
    stopping    ->  drain          to all ranks
    broken      ->  exit           to all ranks
    finished    ->  exit           to all ranks, once all have finished
    alive       ->                 (heartbeat)
                    exit       ->  ended, once that rank writes no more
"""

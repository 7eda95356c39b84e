"""What looks at an OUT that a job left: `verify` and `export`.

It stands beside `ecgmpi.job` and never needs it. Start at `finished`, which opens an OUT.
"""

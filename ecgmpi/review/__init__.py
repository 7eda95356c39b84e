"""What looks at an OUT: `status` and `report`, also while a job runs; `verify` and `export` after.

It stands beside `ecgmpi.job` and never needs it. Start at `job_state`, which says where a job
stands, or at `finished`, which opens an OUT that has a manifest.
"""

"""The job: catalogue -> chunks -> ranks -> workers -> journal -> manifest.

The only part of the package that knows time, processes and MPI. Start at `run`; what a rank does
is in `rank_loop`.
"""

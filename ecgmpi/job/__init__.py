"""The job: catalogue -> chunks -> ranks -> workers -> journal -> manifest.

The only part of the package that knows time, processes and MPI.
"""

"""MATLAB files before 7.3 (-v4, -v6, -v7). Start at `record`."""

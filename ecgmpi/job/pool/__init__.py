"""The processes that draw: a supervisor per rank forks, feeds, kills and replaces workers.

Start at `supervisor`.
"""

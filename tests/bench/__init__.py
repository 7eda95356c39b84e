"""Measurements. `python -m tests.bench` makes all of them; each is a command by itself, too.

A case is a module that prints its figures and fails below its gates: `cases.py` lists them. What
they share: `figures.py`, `spent.py`, `passes.py`.
"""

"""Worn paper: a picture as a scanner or a camera sees it, and where everything on it lies then.

    draw chances -> print -> marks -> shape and device, one map -> light -> sensor -> encode

Start at `worn`; `registry` lists every effect in that order, `profiles` what the built-in
profiles take of them. Nothing here draws an ECG, opens a file, or knows of a job.
"""

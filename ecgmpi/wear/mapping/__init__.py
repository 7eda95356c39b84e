"""Where each pixel of a worn picture looks on its page: one map, made of integers.

    device and surface -> `compose` -> `ControlGrid` -> dense map for OpenCV; truth, both ways

Start at `compose`.
"""

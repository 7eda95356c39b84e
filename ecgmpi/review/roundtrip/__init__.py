"""From a picture back to its signal, by a decoder that knows no more than a reader does.

It has the PNG and its annotation. Nothing else of ecgmpi is imported here: what draws a picture
must not help to judge it.
"""

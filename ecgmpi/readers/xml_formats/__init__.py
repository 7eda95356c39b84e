"""Formats in XML, read without entities and within bounds by `tree`."""

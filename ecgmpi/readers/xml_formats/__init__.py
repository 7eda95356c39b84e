"""Formats in XML, one module each; read without entities and within bounds by `tree`."""

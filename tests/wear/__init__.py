"""Worn paper."""

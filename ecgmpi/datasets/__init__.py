"""The pictures of an OUT as a data set to train on. Start at dataset.py."""

"""WFDB records: header, signal files, segments. Start at `record`."""

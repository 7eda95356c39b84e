"""SCP-ECG (EN 1064). Start at `record`."""

"""Every option of a job, declared once in `declared`; from the command line, TOML or Python."""

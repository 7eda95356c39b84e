"""Every option of a job, declared once. Start at `rendering` and `running`."""

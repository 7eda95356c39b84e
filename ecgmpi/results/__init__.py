"""What became of each recording: a journal while the job runs, a manifest when it ends."""

"""What became of each recording: a journal while the job runs, a manifest when it ends.

Start at `columns` for what is kept, at `journal_writer` for when.
"""

"""Labels of recordings: tables of the user, joined with the catalogue of a job."""

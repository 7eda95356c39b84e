"""EDF, EDF+, BDF and BDF+. Start at `record`."""

"""DICOM waveforms. Start at `record`."""

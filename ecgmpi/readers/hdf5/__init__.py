"""HDF5 files, and MATLAB 7.3, which is HDF5. Start at `record`."""

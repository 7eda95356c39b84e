"""NumPy's .npy and .npz, without pickle."""

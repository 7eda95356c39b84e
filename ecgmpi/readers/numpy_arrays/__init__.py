"""NumPy's arrays, without pickle: .npy in `npy`, .npz in `npz`."""

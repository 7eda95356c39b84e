"""Effects on how the sheet lies: each adds a layer to the `Surface`."""

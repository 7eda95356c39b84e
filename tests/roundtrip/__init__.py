"""The round trip: signal -> picture -> signal, by a decoder that knows no more than a reader."""

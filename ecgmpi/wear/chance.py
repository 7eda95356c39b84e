"""Where chance comes from: a generator of its own for each effect of each copy of each picture."""

from __future__ import annotations

import hashlib

import numpy as np


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """Give the generator of what is called by `names`.

    It depends on nothing else: neither on ranks or order, nor on what other effects draw. PCG64 is
    seeded with SHA-256 of the seed and the names.

    Parameters
    ----------
    seed
        Of the job.
    *names
        Such as the key of a picture, a profile, the number of the copy, and an effect.
    """
    # A NUL is in no name, so that no two lists of names are hashed as one text.
    text = "\0".join(map(str, (seed, *names)))
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))

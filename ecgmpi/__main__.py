"""``python -m ecgmpi`` is the command ``ecgmpi``."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())

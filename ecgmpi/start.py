"""Where the command begins: an interrupt while it still loads ends it without a traceback.

Python imports for a while before `ecgmpi.cli` can catch anything. This module imports nothing but
`signal` on purpose. What a job needs besides is imported when it is run, again as if nothing could
be caught.
"""

from __future__ import annotations

import signal

_waiting = signal.getsignal(signal.SIGINT) is signal.default_int_handler
if _waiting:
    # The default ends the process at once, by the signal; nothing has been written yet.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def main() -> int:
    """Load the command line and run it; see `ecgmpi.cli.main`."""
    from .cli import main as run

    try:
        if _waiting:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        return run()
    except KeyboardInterrupt:
        # Before or after the part in which the command says that it was stopped.
        return 75

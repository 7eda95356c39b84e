"""Where the command begins: an interrupt while it still loads ends it without a traceback.

Python imports for a while before `ecgmpi.cli` can catch anything. This module imports nothing but
what is built into Python, on purpose. What a job needs besides is imported when it is run, again
as if nothing could be caught.
"""

from __future__ import annotations

import _thread
import signal
import sys
import time

# As that of `typing`, which would have to be loaded.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_waiting = signal.getsignal(signal.SIGINT) is signal.default_int_handler
if _waiting:
    # The default ends the process at once, by the signal; nothing has been written yet.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def deliver_lost_interrupts() -> None:
    """Raise again an interrupt that came where Python can only print it and go on.

    Such as in what it calls when the lock of an import or another object is gone.
    """
    others, main_thread = sys.unraisablehook, _thread.get_ident()

    def interrupt_soon() -> None:
        time.sleep(0.01)
        signal.pthread_kill(main_thread, signal.SIGINT)

    def hook(lost: UnraisableHookArgs) -> None:
        if issubclass(lost.exc_type, KeyboardInterrupt):
            # Not from here, where it would be lost again.
            _thread.start_new_thread(interrupt_soon, ())
        else:
            others(lost)

    sys.unraisablehook = hook


def main() -> int:
    """Load the command line and run it; see `ecgmpi.cli.main`."""
    from .cli import main as run

    try:
        if _waiting:
            deliver_lost_interrupts()
            signal.signal(signal.SIGINT, signal.default_int_handler)
        return run()
    except (KeyboardInterrupt, RuntimeError) as error:
        from .host.signals import is_interrupt

        if not is_interrupt(error):
            raise
        # Before or after the part in which the command says that it was stopped.
        return 75

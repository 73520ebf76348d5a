"""`mw` as a part of something larger: the same command, which ends when the process that started it does.

`python -m millwright.cli.part WORDS…` runs `mw WORDS…`. Standard input is the line to that process: when it closes,
whatever the reason, the part is asked to drain and end, as by SIGTERM.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

from millwright.cli.main import main


def end_with_parent() -> None:
    """Ask this process to end once standard input closes."""

    def wait() -> None:
        while os.read(0, 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent", daemon=True).start()


if __name__ == "__main__":
    end_with_parent()
    main(sys.argv[1:])

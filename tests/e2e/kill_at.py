"""Runs `mw` and sends itself SIGKILL at one point of the product's code.

    python kill_at.py call|return QUALIFIED_NAME NUMBER mw-arguments…

`call SqlModelStore.put_alias 2` is when that method is called for the second time, `return` when it has returned. The
code itself is not touched, so that fingerprints of steps, and with them the cache, are those of an ordinary run.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any

from millwright.cli.main import main

if TYPE_CHECKING:
    from types import FrameType


def die_at(event: str, name: str, number: int) -> None:
    """Watch the main thread's calls from now on."""
    left = number

    def watch(frame: FrameType, happened: str, _: Any) -> None:
        nonlocal left
        if happened == event and frame.f_code.co_qualname == name and "millwright" in frame.f_code.co_filename:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(watch)


if __name__ == "__main__":
    die_at(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    main(sys.argv[4:])

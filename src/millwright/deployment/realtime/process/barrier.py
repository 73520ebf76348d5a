"""The moment in which all processes of a server switch: none begins to answer while one of them has not come so far.

So no request that begins after another one's answer by the new version is answered by the version before. What this
costs is a pause of as long as the last of them takes to come, some milliseconds on a machine that is not overloaded.
"""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from time import monotonic, sleep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

    from millwright.deployment.realtime.process.agreement import Word
    from millwright.deployment.realtime.process.board import Board

logger = logging.getLogger(__name__)

_STEP_S = 0.0005
# For the process's own event loop, which may be in the middle of a large request; then for the others.
_LOOP_S = 0.5
_OTHERS_S = 0.5


@contextmanager
def all_held(word: Word, board: Board, place: int, loop: asyncio.AbstractEventLoop | None) -> Iterator[None]:
    """Hold this process's event loop, and enter the context when the others hold theirs.

    Args:
        word: Tells who they are.
        board: Where they tell that they do.
        place: This process's there.
        loop: This process's; not the present thread's. None when it answers nothing yet.
    """
    held, go = threading.Event(), threading.Event()

    def wait() -> None:
        held.set()
        go.wait(_LOOP_S + _OTHERS_S)

    try:
        if loop is not None:
            try:
                loop.call_soon_threadsafe(wait)
                held.wait(_LOOP_S)
            except RuntimeError:  # the loop has ended
                pass
        board.hold(place, word.number)
        give_up = monotonic() + _OTHERS_S
        while not all(board.is_held(each, word.number) for each in word.places):
            if monotonic() > give_up:
                logger.warning("another worker has not switched after %g s; this one does not wait for it", _OTHERS_S)
                break
            sleep(_STEP_S)
        yield
    finally:
        go.set()

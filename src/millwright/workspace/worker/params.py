"""Parameters of a registered pipeline, looked at before they are queued."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError
from millwright.workspace.worker.order import End, Order, Task
from millwright.workspace.worker.slot import perform_apart

if TYPE_CHECKING:
    from millwright.core.records.schedule import LaunchTarget

logger = logging.getLogger(__name__)

_PATIENCE_S = 30.0
_MOST_AT_ONCE = 2  # a process each


class ParamsCheck:
    """Refuses parameters that a pipeline does not take, where its code is at hand. Thread-safe.

    The code is loaded in a process apart, as `CodeWatch` does it. Where it cannot be loaded nothing is refused: the
    worker may be another machine.

    Args:
        folder: The workspace.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._room = threading.BoundedSemaphore(_MOST_AT_ONCE)

    def __call__(self, target: LaunchTarget) -> None:
        """Refuse what is wrong.

        Args:
            target: The pipeline, with the parameters.

        Raises:
            InvalidInputError: A parameter is missing, unknown or wrong.
        """
        place = Path(target.pipeline.rpartition(":")[0])
        if place.is_absolute() and not place.is_file():
            return
        order = Order(
            task=Task.PARAMS,
            folder=str(self._folder),
            pipeline=target.pipeline,
            project_dir=target.project_dir,
            params=target.params,
        )
        with self._room:
            child = perform_apart(order, _PATIENCE_S)
        outcome = child.outcome
        if outcome is not None and outcome.end is End.FAILED:
            raise InvalidInputError(
                outcome.error or f"Pipeline '{target.name}' does not take these parameters.",
                hint="Give its parameters as JSON values; those that were registered hold for what is left out.",
            )
        if outcome is None or outcome.end is not End.DONE:
            said = outcome.error if outcome is not None else f"its process ended with {child.exit_code}"
            logger.warning("The parameters of %s are queued unchecked: %s", target.pipeline, said)

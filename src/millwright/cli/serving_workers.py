"""How many processes `mw serve` runs, from its options and the settings."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from millwright.deployment.realtime.process.scaling import ScalingOptions
    from millwright.workspace.settings import ServeSettings

AUTO = "auto"
MOST_WORKERS = 64


def read_workers(
    workers: str, least: int, most: int, target: float, settings: ServeSettings
) -> tuple[int | None, ScalingOptions]:
    """How many processes answer.

    Args:
        workers: A number, 0 for one per core; `auto`; or empty.
        least: Of `--min-workers`; -1 when it was not given.
        most: Of `--max-workers`; 0 when it was not given.
        target: Of `--target-in-flight`; 0 when it was not given.
        settings: For what was not given.

    Returns:
        The number, or None for as many as the second says.

    Raises:
        InvalidInputError: They contradict one another, or are out of bounds.
    """
    from millwright.deployment.realtime.process.scaling import ScalingOptions

    is_auto = workers == AUTO or (not workers and (least >= 0 or most > 0))
    if not is_auto and (least >= 0 or most > 0 or target > 0):
        raise InvalidInputError(
            "Expected --min-workers, --max-workers and --target-in-flight without a fixed number of workers.",
            hint="Write --workers auto, or leave them out.",
        )
    cores = os.cpu_count() or 1
    if not is_auto:
        return _number(workers or "1") or cores, ScalingOptions()
    fewest = least if least >= 0 else settings.min_workers
    highest = most or settings.max_workers or max(cores, fewest, 1)
    if fewest > highest:
        raise InvalidInputError(
            f"Expected --min-workers to be at most --max-workers, found {fewest} and {highest}.",
            hint="Give --min-workers and --max-workers, or set serve.min_workers and serve.max_workers.",
        )
    return None, ScalingOptions(
        least=fewest,
        most=highest,
        target_in_flight=target or settings.target_in_flight,
        target_latency_s=settings.target_latency_ms / 1e3,
        calm_s=settings.calm_seconds,
        idle_s=settings.idle_seconds,
    )


def _number(text: str) -> int:
    if not text.isdigit() or int(text) > MOST_WORKERS:
        raise InvalidInputError(
            f"Expected --workers from 0 to {MOST_WORKERS}, or {AUTO}, found '{text}'.",
            hint="0 means one per core; auto adds and removes them by what there is to do.",
        )
    return int(text)

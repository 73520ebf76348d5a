"""On Ray: each chunk is a task, and what becomes of it comes back here."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from millwright.core.errors import ConfigurationError
from millwright.deployment.batch.engines.wire import frame_bytes, predict_bytes, predicted
from millwright.pipelines.runner.executors.ray import connected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.deployment.batch.chunk import Chunk, Predicted, Recipe
    from millwright.deployment.batch.engines.engine import EngineOptions


def predict_chunks(recipe: Recipe, chunks: Iterator[Chunk], options: EngineOptions) -> Iterator[Predicted]:
    """Predict chunks on a Ray cluster, or on a local Ray that this starts.

    A task whose worker dies is tried again by Ray.

    Raises:
        ConfigurationError: Ray is not installed, does not answer, or lost its workers.
    """
    ray = connected(options.ray_address)
    workers = options.workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
    task = ray.remote(max_retries=3)(predict_bytes)
    shared = ray.put(recipe)
    waiting: deque[Any] = deque()
    try:
        for chunk in chunks:
            waiting.append(task.remote(shared, chunk.index, chunk.first_row, frame_bytes(chunk.frame)))
            if len(waiting) > workers:
                yield _answer(ray, waiting.popleft())
        while waiting:
            yield _answer(ray, waiting.popleft())
    finally:
        for ref in waiting:
            ray.cancel(ref, force=True)


def _answer(ray: Any, ref: Any) -> Predicted:
    try:
        return predicted(ray.get(ref))
    except ray.exceptions.RayTaskError as error:
        raise error.cause from error
    except ray.exceptions.RayError as error:
        raise ConfigurationError(
            f"Ray did not predict a chunk: {str(error).splitlines()[0][:200]}.",
            hint="Look at the cluster; the same command goes on with what is left.",
        ) from error

"""In this process, on several cores: Polars and ONNX Runtime let go of the interpreter's lock while they compute."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from millwright.deployment.batch.chunk import Chunk, Predicted, Recipe
    from millwright.deployment.batch.engines.engine import EngineOptions


def predict_chunks(recipe: Recipe, chunks: Iterator[Chunk], options: EngineOptions) -> Iterator[Predicted]:
    """Predict chunks in threads; at most one more than there are workers is in memory, beside the one being read."""
    predictor = recipe.build()
    workers = options.workers or 1  # even one: what is done is kept while the next chunk is predicted
    waiting: deque[Future[Predicted]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="predict") as pool:
        try:
            for chunk in chunks:
                waiting.append(pool.submit(predictor.predict, chunk))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

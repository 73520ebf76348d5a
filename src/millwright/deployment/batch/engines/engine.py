"""Which engine, and what it may use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import TypeAlias

from millwright.core.errors import InvalidInputError, closest
from millwright.deployment.batch.chunk import Chunk, Predicted, Recipe

# Loaded on use: Ray and Spark need not be there.
_ENGINES = {
    "local": "millwright.deployment.batch.engines.local:predict_chunks",
    "ray": "millwright.deployment.batch.engines.ray:predict_chunks",
    "spark": "millwright.deployment.batch.engines.spark:predict_chunks",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class EngineOptions:
    """Where chunks are predicted.

    Attributes:
        name: `local`, `ray` or `spark`.
        workers: Chunks that are predicted at the same time; 0 for as many as the engine has cores, and one in this
            process.
        ray_address: Of a Ray cluster; empty: the one that the environment names, or one of this machine.
        spark_master: Where Spark runs, when the process has no session yet.
    """

    name: str = "local"
    workers: int = 0
    ray_address: str = ""
    spark_master: str = "local[*]"

    def __post_init__(self) -> None:
        if self.name not in _ENGINES:
            raise InvalidInputError(
                f"Expected an engine ({', '.join(_ENGINES)}), found '{self.name}'.", hint=closest(self.name, _ENGINES)
            )
        if self.workers < 0:
            raise InvalidInputError(f"Expected a number of workers from 1, found {self.workers}.")


Engine: TypeAlias = Callable[[Recipe, Iterator[Chunk], EngineOptions], Iterator[Predicted]]


def load_engine(name: str) -> Engine:
    """The engine of that name."""
    module, _, attribute = _ENGINES[name].partition(":")
    engine: Engine = getattr(import_module(module), attribute)
    return engine

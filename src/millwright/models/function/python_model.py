"""A model that is a Python class: for whatever no library's flavor can hold."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelContext:
    """What a packaged function finds when it is loaded.

    Attributes:
        artifacts: A folder with the files that were packaged, possibly none; it is there as long as the model is.
        params: As packaged.
    """

    artifacts: Path
    params: Mapping[str, Any]


class PythonModel(ABC):
    """Base class of functions as models.

    The class is made without arguments, then `load` is called once, then `predict` as often as rows come; by several
    threads at once where a server has several. It is written in a module of its own: the module's file is packaged with
    all files that it imports from beside it, and runs again where the model is loaded.

    Example:
        >>> class Doubled(PythonModel):
        ...     def predict(self, frame, params):
        ...         return frame["days"] * params["factor"]
    """

    def load(self, context: ModelContext) -> None:  # noqa: B027 - a function may need nothing
        """Read what predictions need from the artifacts; nothing unless it is overridden.

        Args:
            context: The packaged files and parameters.
        """

    @abstractmethod
    def predict(self, frame: pl.DataFrame, params: Mapping[str, Any]) -> Any:
        """Answers for some rows.

        Args:
            frame: n ≥ 1 rows with the signature's columns in its order: numbers as Float64, integers as Int64,
                booleans, categories and text as String, dates as Datetime in microseconds (naive, UTC), tensors as
                Array; null where a value is missing.
            params: As packaged.

        Returns:
            Finite numbers in anything that NumPy makes an array of, or a Polars series or table: n numbers, or for
            classes n by k probabilities in their order; for two classes also the second one's alone.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class PythonFunction:
    """A class with what it needs, as `adoption.adopt` takes it.

    Attributes:
        model: The class; not in a script that is run, nor in a notebook.
        artifacts: A file, or a folder with files, that `load` reads; they are packaged as they are.
        params: JSON values that `load` and `predict` are given.
        packages: Names of distributions beside those that the code imports; their versions are recorded, and whoever
            loads the model must have them.
    """

    model: type[PythonModel]
    artifacts: str | Path | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    packages: tuple[str, ...] = ()

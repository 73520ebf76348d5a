"""The flavor of Python functions: source code that is kept and run again, never pickled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.core.errors import IntegrityError, InvalidInputError, ModelFailedError
from millwright.models.flavors.flavor import Adopted
from millwright.models.function.content import content_of
from millwright.models.function.loaded import LoadedFunction
from millwright.models.function.python_model import PythonFunction, PythonModel

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    from numpy.typing import NDArray

MEMBER = "function.zip"


class PythonFlavor:
    """`PythonFunction`, and classes derived from `PythonModel`."""

    name = "python"
    members = frozenset({MEMBER})
    libraries: tuple[str, ...] = ("polars",)
    uncompiled = "it is Python code, which has no ONNX form"
    runs_code = True

    def handles(self, estimator: Any) -> bool:
        """True for functions and their classes."""
        return isinstance(estimator, PythonFunction) or (
            isinstance(estimator, type) and issubclass(estimator, PythonModel)
        )

    def adopt(self, estimator: Any, *, sample: pl.DataFrame) -> Adopted:
        """The function as it will be loaded: from a copy of its files."""
        del sample
        if isinstance(estimator, type):
            estimator = PythonFunction(model=estimator)
        return Adopted(estimator=LoadedFunction(content_of(estimator).to_bytes()), classes=None)

    def dump(self, estimator: Any) -> dict[str, bytes]:
        """As one archive of source files and artifacts."""
        return {MEMBER: estimator.data}

    def load(self, members: Mapping[str, bytes], *, columns: int, classes: int) -> Any:
        """From its archive, whose code runs; `package.unpack` has been told that it may."""
        del columns, classes  # tried on the example
        if MEMBER not in members:
            raise IntegrityError(f"Expected the member '{MEMBER}' in a package of flavor 'python', found none.")
        return LoadedFunction(members[MEMBER])

    def compute_frame(self, estimator: Any, frame: pl.DataFrame, *, classes: int) -> NDArray[np.floating[Any]]:
        """What the function answers, in the shape that answers have.

        Raises:
            ModelFailedError: It raises, or answers in another shape or what is no finite number.
        """
        values: NDArray[np.floating[Any]] = estimator.answer(frame)
        rows = frame.height
        if values.shape in {(rows,), (rows, 1)} and classes in {0, 2}:  # a column of numbers is as good as a list
            values = values.reshape(-1)
            values = np.column_stack([1 - values, values]) if classes else values
        wanted = (rows, classes) if classes else (rows,)
        name = estimator.content.name
        if values.shape != wanted:
            raise ModelFailedError(f"Expected answers of shape {wanted} from {name}.predict, found {values.shape}.")
        if not np.isfinite(values).all():
            raise ModelFailedError(f"Expected finite numbers from {name}.predict, found NaN or infinities.")
        return values

    def compute_arrays(self, estimator: Any, frame: pl.DataFrame) -> NDArray[np.floating[Any]]:
        """What the function answers, as it answers it.

        Raises:
            ModelFailedError: It raises, or answers for other rows or what is no finite number.
        """
        values: NDArray[np.floating[Any]] = estimator.answer(frame)
        name = estimator.content.name
        if values.shape[:1] != (frame.height,):
            raise ModelFailedError(
                f"Expected answers for {frame.height} rows from {name}.predict, found the shape {values.shape}."
            )
        if not np.isfinite(values).all():
            raise ModelFailedError(f"Expected finite numbers from {name}.predict, found NaN or infinities.")
        return values

    def compute(self, estimator: Any, matrix: NDArray[np.float32], *, classes: int) -> NDArray[np.floating[Any]]:
        """Never: a function takes a table; see `compute_frame`."""
        del estimator, matrix, classes
        raise InvalidInputError("A Python function takes a table, not a matrix.")

    def convert(self, estimator: Any, *, columns: int, classes: int) -> bytes:
        """Never; see `uncompiled`."""
        del estimator, columns, classes
        raise InvalidInputError("A Python function has no ONNX form.")

"""The River flavor: models that learn from one row at a time, stored by their attributes, never as pickles."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.core.errors import (
    IntegrityError,
    InvalidInputError,
    MillwrightError,
    MissingExtraError,
    ModelFailedError,
    UnsafeArtifactError,
)
from millwright.models.flavors.flavor import Adopted
from millwright.models.flavors.river_state import Builder, NodeTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import polars as pl
    from numpy.typing import NDArray

MEMBER = "river.json"
_FORMAT = 1


class RiverModel:
    """A classifier or regressor of River, with the order of its classes.

    Args:
        learner: River's own object; it may go on learning.
        classes: The classes in the order of the probabilities, as it was taught them; () for numbers.
    """

    def __init__(self, learner: Any, classes: Sequence[Any] = ()) -> None:
        self.learner = learner
        self.classes = tuple(classes)

    def answers(self, rows: Iterator[dict[str, Any]], *, classes: int) -> list[Any]:
        """Numbers, or probabilities by class; a class that was not seen yet has none, and all are alike before any."""
        if not classes:
            return [self.learner.predict_one(row) or 0.0 for row in rows]
        return [self._shares(self.learner.predict_proba_one(row), classes) for row in rows]

    def _shares(self, found: Mapping[Any, float], classes: int) -> list[float]:
        names = self.classes or tuple(range(classes))
        shares = [max(float(found.get(name, 0.0)), 0.0) for name in names]
        total = sum(shares)
        return [share / total for share in shares] if total > 0 else [1 / len(names)] * len(names)


class RiverFlavor:
    """Classifiers with `predict_proba_one`, regressors, and pipelines that end with one.

    They take rows as they are: numbers, whole numbers, truth values and texts; a value that is missing is left out of
    the row, as River's models expect it.
    """

    name = "river"
    members = frozenset({MEMBER})
    libraries = ("river",)
    uncompiled = "it goes on learning from each label, and has no ONNX form"

    def handles(self, estimator: Any) -> bool:
        """True for River's own models, and for `RiverModel`."""
        return isinstance(estimator, RiverModel) or type(estimator).__module__.partition(".")[0] == "river"

    def adopt(self, estimator: Any, *, sample: pl.DataFrame) -> Adopted:
        """A copy of the model, made of what is stored of it; it must answer the sample as the model does."""
        given = estimator if isinstance(estimator, RiverModel) else RiverModel(estimator, _seen_classes(estimator))
        is_classifier = _is_classifier(given.learner)
        stored = self.load(self.dump(given), columns=0, classes=len(given.classes))
        rows = [_present(row) for row in sample.to_dicts()]
        for row in rows:
            if _asked(given.learner, row, is_classifier=is_classifier) != _asked(
                stored.learner, row, is_classifier=is_classifier
            ):
                raise InvalidInputError("The model cannot be packaged, because its stored form answers otherwise.")
        if is_classifier and not given.classes:
            raise InvalidInputError(
                f"Expected the classes of a {type(given.learner).__name__} that has learnt nothing, found none.",
                hint="Teach it some rows first, or wrap it: RiverModel(model, classes=[False, True]).",
            )
        return Adopted(estimator=stored, classes=given.classes if is_classifier else ())

    def dump(self, estimator: Any) -> dict[str, bytes]:
        """As one JSON document, compressed."""
        table = NodeTable([estimator.learner, list(estimator.classes)])
        text = json.dumps({"format": _FORMAT, "root": table.root, "nodes": table.nodes}, allow_nan=False)
        return {MEMBER: zlib.compress(text.encode(), 6)}

    def load(self, members: Mapping[str, bytes], *, columns: int, classes: int) -> Any:
        """From its document, whose types are judged before anything is built."""
        del columns, classes  # tried on the example
        if MEMBER not in members:
            raise IntegrityError(f"Expected the member '{MEMBER}' in a package of flavor 'river', found none.")
        _import()
        try:
            told = json.loads(zlib.decompress(members[MEMBER]))
        except (ValueError, zlib.error, RecursionError) as error:
            raise IntegrityError(f"The River model's file is no compressed JSON ({error}).") from error
        try:
            learner, classes_taught = Builder(told["nodes"]).value(told["root"])
        except (MillwrightError, KeyboardInterrupt, SystemExit, MemoryError):
            raise
        except BaseException as error:  # River's Rust parts panic with one that is no Exception
            raise UnsafeArtifactError(f"The River model's file is not as Millwright writes it ({error!r}).") from error
        return RiverModel(learner, classes_taught)

    def compute_frame(self, estimator: Any, frame: pl.DataFrame, *, classes: int) -> NDArray[np.floating[Any]]:
        """What the model answers, row by row.

        Raises:
            ModelFailedError: It raises for a row, or answers what is no finite number.
        """
        try:
            answers = estimator.answers(map(_present, frame.iter_rows(named=True)), classes=classes)
            values = np.asarray(answers, dtype=np.float64).reshape((frame.height, classes) if classes else -1)
        except Exception as error:  # whatever a learner raises for a row that it does not understand
            raise ModelFailedError(f"The River model fails on a row: {error!r}.") from error
        if not np.isfinite(values).all():
            raise ModelFailedError("Expected finite numbers from the River model, found NaN or infinities.")
        return values

    def compute_arrays(self, estimator: Any, frame: pl.DataFrame) -> NDArray[np.floating[Any]]:
        """Never: River's models answer classes and numbers."""
        del estimator, frame
        raise InvalidInputError("A River model answers no arrays.")

    def compute(self, estimator: Any, matrix: NDArray[np.float32], *, classes: int) -> NDArray[np.floating[Any]]:
        """Never: a River model takes rows; see `compute_frame`."""
        del estimator, matrix, classes
        raise InvalidInputError("A River model takes rows, not a matrix.")

    def native(self, estimator: Any, *, classes: tuple[Any, ...]) -> Any:
        """River's own object; its classes are those that it has seen."""
        del classes
        return estimator.learner

    def convert(self, estimator: Any, *, columns: int, classes: int) -> bytes:
        """Never; see `uncompiled`."""
        del estimator, columns, classes
        raise InvalidInputError("A River model has no ONNX form.")


def _import() -> None:
    try:
        import river  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("river", "river") from error


def _present(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def _is_classifier(learner: Any) -> bool:
    from river.base import Classifier, Regressor
    from river.compose import Pipeline

    last = learner
    while isinstance(last, Pipeline) and last.steps:
        last = next(reversed(last.steps.values()))
    if isinstance(last, Classifier):
        return True
    if not isinstance(last, Regressor):
        raise InvalidInputError(
            f"Expected a classifier or a regressor of River, found a {type(learner).__name__}.",
            hint="Pipelines have to end with one.",
        )
    return False


def _asked(learner: Any, row: dict[str, Any], *, is_classifier: bool) -> Any:
    return learner.predict_proba_one(row) if is_classifier else learner.predict_one(row)


def _seen_classes(learner: Any) -> tuple[Any, ...]:
    """The classes that a classifier answers with so far, in ascending order."""
    if not _is_classifier(learner):
        return ()
    found = learner.predict_proba_one({})
    return tuple(sorted(found, key=lambda each: (str(type(each)), each)))

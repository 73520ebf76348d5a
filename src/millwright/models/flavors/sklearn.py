"""The scikit-learn flavor: estimators as skops files, never as pickles."""

from __future__ import annotations

import copy
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.core.errors import (
    IntegrityError,
    InvalidInputError,
    MillwrightError,
    MissingExtraError,
    UnsafeArtifactError,
)
from millwright.models.archive import read_archive, write_archive
from millwright.models.flavors.canonical import canonical_skops
from millwright.models.flavors.conversion import convert_pipeline
from millwright.models.flavors.flavor import Adopted
from millwright.models.flavors.inspection import ALLOWED_UNTRUSTED, inspect_schema
from millwright.models.flavors.linear import is_linear
from millwright.models.flavors.soundness import check_soundness, parts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl
    from numpy.typing import NDArray

MEMBER = "model.skops"
_WHAT = "a scikit-learn estimator as a skops file"


class SklearnFlavor:
    """Pipelines of scikit-learn with `predict_proba` (classes) or `predict` (numbers)."""

    name = "sklearn"
    members = frozenset({MEMBER})
    libraries = ("scikit-learn", "skops", "skl2onnx")
    uncompiled = ""

    def handles(self, estimator: Any) -> bool:
        """True for scikit-learn's own estimators."""
        return type(estimator).__module__.partition(".")[0] == "sklearn"

    def adopt(self, estimator: Any, *, sample: pl.DataFrame) -> Adopted:
        """The estimator as a pipeline whose classes are 0 … k-1."""
        del sample  # its columns are told by their names, or tried
        return adopt_estimator(estimator)

    def dump(self, estimator: Any) -> dict[str, bytes]:
        """As one skops file."""
        return {MEMBER: dump_estimator(estimator)}

    def load(self, members: Mapping[str, bytes], *, columns: int, classes: int) -> Any:
        """From its skops file; see `load_estimator`."""
        if MEMBER not in members:
            raise IntegrityError(f"Expected the member '{MEMBER}' in a package of flavor 'sklearn', found none.")
        return load_estimator(members[MEMBER], columns=columns, classes=classes)

    def compute(self, estimator: Any, matrix: NDArray[np.float32], *, classes: int) -> NDArray[np.floating[Any]]:
        """What the pipeline answers."""
        return np.asarray(estimator.predict_proba(matrix) if classes else estimator.predict(matrix))

    def margin(
        self, estimator: Any, *, classes: int
    ) -> Callable[[NDArray[np.float32]], NDArray[np.floating[Any]]] | None:
        """Scores of linear models behind steps that take each column by itself; None for others."""
        if not is_linear(estimator):
            return None
        score = estimator.decision_function if classes else estimator.predict
        return lambda matrix: np.asarray(score(matrix)).reshape(len(matrix), -1)

    def native(self, estimator: Any, *, classes: tuple[Any, ...]) -> Any:
        """The estimator with its classes' names, as it was fitted; a pipeline of one step as that step."""
        pipeline = named_classes(estimator, classes)
        return pipeline.steps[0][1] if len(pipeline.steps) == 1 else pipeline

    def convert(self, estimator: Any, *, columns: int, classes: int) -> bytes:
        """By skl2onnx."""
        return convert_pipeline(estimator, columns=columns, classes=classes)


def adopt_estimator(estimator: Any) -> Adopted:
    """A user's fitted estimator as a pipeline whose classes are 0 … k-1; the user's own object stays as it is.

    Raises:
        InvalidInputError: It is not fitted, or a classifier without probabilities.
    """
    from sklearn.base import is_classifier, is_regressor
    from sklearn.pipeline import Pipeline

    kind = type(estimator).__name__
    if not hasattr(estimator, "n_features_in_"):
        raise InvalidInputError(f"Expected a fitted estimator, found a {kind} without fit.", hint="Fit it first.")
    names = tuple(str(name) for name in getattr(estimator, "feature_names_in_", ()))
    pipeline = copy.deepcopy(estimator if isinstance(estimator, Pipeline) else Pipeline([("model", estimator)]))
    for part in parts_of(pipeline):
        # The matrix has no names, and scikit-learn warns of each prediction without those that it was fitted with.
        vars(part).pop("feature_names_in_", None)
    if is_regressor(estimator):
        return Adopted(estimator=pipeline, columns=names, reference=estimator.predict)
    if not is_classifier(estimator) or not hasattr(estimator, "predict_proba"):
        raise InvalidInputError(
            f"Expected a regressor, or a classifier with probabilities; found a {kind}.",
            hint="A classifier without predict_proba gets it in scikit-learn's CalibratedClassifierCV.",
        )
    classes = np.asarray(estimator.classes_)
    for part in parts_of(pipeline):
        # Probabilities come in the order of the classes, whatever these are called; the signature keeps their names.
        if np.array_equal(np.asarray(vars(part).get("classes_", ())), classes):
            part.classes_ = np.arange(len(classes))
    return Adopted(
        estimator=pipeline, columns=names, classes=tuple(classes.tolist()), reference=estimator.predict_proba
    )


def dump_estimator(estimator: Any) -> bytes:
    """A fitted estimator as bytes that are equal for equal estimators.

    Raises:
        InvalidInputError: It holds something that skops cannot write.
        MissingExtraError: skops is not installed.
    """
    try:
        from skops.io import dumps
    except ImportError as error:
        raise MissingExtraError("skops", "sklearn") from error
    try:
        return canonical_skops(dumps(estimator))
    except MillwrightError:
        raise
    except Exception as error:  # skops raises whatever its reducers meet
        raise InvalidInputError(
            f"The estimator cannot be stored without pickle: {error}",
            hint="Use scikit-learn's own estimators and plain parameters.",
        ) from error


def load_estimator(data: bytes, *, columns: int, classes: int) -> Any:
    """An estimator from bytes that may come from anywhere.

    Judged in this order: the archive's directory, the schema's nodes and tree arrays, the types skops would build,
    and the built object's sizes. Only then is it returned.

    Args:
        data: What `dump_estimator` gave, or something that pretends to be.
        columns: Encoded columns it must take.
        classes: Classes it must tell apart; 0 for regression.

    Raises:
        UnsafeArtifactError: It holds anything that is not on the lists.
        IntegrityError: It is damaged.
        MissingExtraError: skops or scikit-learn is not installed.
    """
    estimator = _build(data)
    check_soundness(estimator, columns=columns, classes=classes)
    return estimator


def read_skops(data: bytes) -> Any:
    """An estimator from a user's own skops file, judged as `load_estimator` does.

    Raises:
        UnsafeArtifactError, IntegrityError, MissingExtraError: As `load_estimator`.
        InvalidInputError: It cannot be packaged; see `adopt_estimator`.
    """
    estimator = _build(data)
    adopted = adopt_estimator(estimator)
    check_soundness(adopted.estimator, columns=adopted.estimator.n_features_in_, classes=len(adopted.classes or ()))
    return estimator


def named_classes(pipeline: Any, classes: tuple[Any, ...]) -> Any:
    """A copy of a packaged pipeline that answers the classes' names again; the reverse of `adopt_estimator`."""
    named = copy.deepcopy(pipeline)
    for part in parts_of(named):
        found = vars(part).get("classes_")
        if classes and np.array_equal(np.asarray(() if found is None else found), np.arange(len(classes))):
            part.classes_ = np.array(classes)
    return named


def _build(data: bytes) -> Any:
    try:
        from skops.io import get_untrusted_types, loads
    except ImportError as error:
        raise MissingExtraError("skops", "sklearn") from error
    members = read_archive(data, what=_WHAT)
    inspect_schema(members)
    checked = write_archive(members, compress=False)  # what is loaded is what was judged, whatever else the file held
    try:
        untrusted = get_untrusted_types(data=checked)
        _refuse_foreign(set(untrusted) - ALLOWED_UNTRUSTED)
        with warnings.catch_warnings():
            # Another scikit-learn version warns per object; the package's own self-test is what decides.
            warnings.simplefilter("ignore")
            estimator = loads(checked, trusted=sorted(untrusted))
    except MillwrightError:
        raise
    except Exception as error:  # a crafted file can make skops raise anything
        raise UnsafeArtifactError(f"The estimator's file does not load: {error}") from error
    return estimator


def _refuse_foreign(types: set[str]) -> None:
    if types:
        raise UnsafeArtifactError(
            f"The estimator's file holds types that Millwright does not load: {', '.join(sorted(types))}."
        )

"""What Millwright needs to know about a library to package its models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard

from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import polars as pl


@dataclass(frozen=True, kw_only=True, slots=True)
class Adopted:
    """A user's model, ready to be packaged.

    Attributes:
        estimator: In the form that the flavor stores and asks.
        columns: Names of the columns that it takes, in order; none when it knows none.
        classes: JSON values in the order of its probabilities, 0 … k-1 when it knows but their number; () for numbers;
            None when whoever brings it has to say.
        reference: What the user's own object answers for a matrix, where the adopted one was made from it and has to be
            compared; None when it is the same.
    """

    estimator: Any
    columns: tuple[str, ...] = ()
    classes: tuple[Any, ...] | None = ()
    reference: Callable[[Any], Any] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AdoptedTensors:
    """A user's model over arrays, ready to be packaged.

    Attributes:
        estimator: In the form that the flavor stores and asks.
        inputs: What it takes, by name, where it says so: type and shape of one row's value; empty when it doesn't.
        answer: The shape of one row's answer, -1 where that is open; None when it doesn't say.
        classes: As of `Adopted`.
        reference: What the user's own object answers for arrays by name, where it has to be compared.
    """

    estimator: Any
    inputs: Mapping[str, tuple[str, tuple[int, ...]]] = field(default_factory=dict)
    answer: tuple[int, ...] | None = None
    classes: tuple[Any, ...] | None = None
    reference: Callable[[Mapping[str, NDArray[Any]]], NDArray[Any]] | None = None


class Flavor(Protocol):
    """How the estimators of one library are stored, loaded, asked and compiled.

    Every method takes what the estimator takes and answers as two numbers: `columns` of the encoded matrix, and
    `classes`, 0 for regression. The library is imported when a method needs it, never with the module.

    Attributes:
        name: As manifests and records write it.
        members: Names that the flavor's files may have in a package.
        libraries: Distributions whose versions a package records.
        uncompiled: Why models of this flavor are never compiled; empty when `convert` may be tried.
    """

    name: str
    members: frozenset[str]
    libraries: tuple[str, ...]
    uncompiled: str

    def handles(self, estimator: Any) -> bool:
        """Whether an object is a fitted model of this library; the library is not imported to find out."""
        ...

    def adopt(self, estimator: Any, *, sample: pl.DataFrame) -> Adopted:
        """A user's fitted model in the form that this flavor works with; the user's own object stays as it is.

        Args:
            estimator: Something that `handles` said yes to.
            sample: The raw rows that it comes with, at least one.

        Raises:
            InvalidInputError: It is of a kind that cannot be packaged, with the reason.
        """
        ...

    def dump(self, estimator: Any) -> dict[str, bytes]:
        """The estimator as package members, without pickle, the same bytes for equal estimators.

        Raises:
            InvalidInputError: It cannot be stored safely.
            MissingExtraError: The library is not installed.
        """
        ...

    def load(self, members: Mapping[str, bytes], *, columns: int, classes: int) -> Any:
        """The estimator from members that may come from anywhere; they are judged before the library sees them.

        Raises:
            UnsafeArtifactError: They hold something that could run code or lead compiled code astray, or the estimator
                takes or answers something else than it should.
            IntegrityError: They are damaged or missing.
            MissingExtraError: The library is not installed.
        """
        ...

    def compute(self, estimator: Any, matrix: NDArray[np.float32], *, classes: int) -> NDArray[np.floating[Any]]:
        """Answers for an encoded matrix of at least one row: probabilities (n, classes), or numbers (n,)."""
        ...

    def convert(self, estimator: Any, *, columns: int, classes: int) -> bytes:
        """The estimator as an ONNX graph that `graph.open_session` opens; see `conversion.finish` for its shape.

        Raises:
            Exception: Whatever the converter raises for estimators it cannot convert.
        """
        ...


class FrameFlavor(Flavor, Protocol):
    """A flavor whose models take typed columns; their encoder is empty, and `compute` is never called."""

    def compute_frame(self, estimator: Any, frame: pl.DataFrame, *, classes: int) -> NDArray[np.floating[Any]]:
        """Answers for a table of at least one row, as `typed.typed_table` makes it; shapes as of `Flavor.compute`."""
        ...

    def compute_arrays(self, estimator: Any, frame: pl.DataFrame) -> NDArray[np.floating[Any]]:
        """Answers likewise, in whatever shape the model has them, the rows in front."""
        ...


class TensorFlavor(Flavor, Protocol):
    """A flavor whose models may take arrays, one for each column; their encoder is empty then."""

    def adopt_tensors(self, estimator: Any, *, sample: Any, shapes: Mapping[str, Sequence[int]]) -> AdoptedTensors:
        """As `adopt`, for a model whose input holds arrays.

        Args:
            estimator: Something that `handles` said yes to.
            sample: An array, arrays by column, or a table, with at least one row.
            shapes: What was said of columns' shapes.
        """
        ...

    def compute_tensors(self, estimator: Any, arrays: Mapping[str, NDArray[Any]]) -> NDArray[np.floating[Any]]:
        """Answers for arrays of at least one row, by column, in whatever shape the model has them."""
        ...


def takes_tensors(flavor: Flavor) -> TypeGuard[TensorFlavor]:
    """Whether models of a flavor may take arrays."""
    return hasattr(flavor, "compute_tensors")


def takes_frames(flavor: Flavor) -> TypeGuard[FrameFlavor]:
    """Whether models of a flavor take typed columns instead of a matrix."""
    return hasattr(flavor, "compute_frame")


def runs_code(flavor: Flavor) -> bool:
    """Whether loading a model of a flavor runs code that its package brings: its attribute `runs_code`, if any."""
    return bool(getattr(flavor, "runs_code", False))


class ContributingFlavor(Flavor, Protocol):
    """A flavor whose library tells exactly what each encoded column contributed to an answer."""

    def contribute(self, estimator: Any, matrix: NDArray[np.float32], *, classes: int) -> NDArray[np.float64]:
        """Contributions before the last function (sigmoid, softmax, exponential), shape (n, outputs, columns + 1).

        There is one output for numbers and for two classes (the second one's), else one per class. The last column is
        the base; each row's sum is its score.
        """
        ...


class AdditiveFlavor(Flavor, Protocol):
    """A flavor some of whose models are sums of a function for each encoded column."""

    def margin(
        self, estimator: Any, *, classes: int
    ) -> Callable[[NDArray[np.float32]], NDArray[np.floating[Any]]] | None:
        """Scores before the last function, (n, columns) → (n, outputs) as of `contribute`; None for other models."""
        ...


class TrainableFlavor(Flavor, Protocol):
    """A flavor whose stored form is not what its library trains on."""

    def native(self, estimator: Any, *, classes: tuple[Any, ...]) -> Any:
        """What a training goes on from; the estimator itself stays as it is.

        Args:
            estimator: As `adopt` made it or `load` gave it.
            classes: As of the signature, in the order of the probabilities; () for numbers.

        Raises:
            InvalidInputError: What training would need was not kept.
            MissingExtraError: The library is not installed.
        """
        ...


def contributes(flavor: Flavor) -> TypeGuard[ContributingFlavor]:
    """Whether a flavor tells contributions."""
    return hasattr(flavor, "contribute")


def is_trainable(flavor: Flavor) -> TypeGuard[TrainableFlavor]:
    """Whether a flavor has another form for training."""
    return hasattr(flavor, "native")


def is_additive(flavor: Flavor) -> TypeGuard[AdditiveFlavor]:
    """Whether a flavor may tell scores of additive models."""
    return hasattr(flavor, "margin")

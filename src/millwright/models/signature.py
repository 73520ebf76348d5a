"""The signature: which raw columns a model takes, and which columns it answers with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.models.check import MAX_VIOLATIONS, RowChecker, Violation
from millwright.models.column import MAX_CATEGORIES, ColumnType, SignatureColumn
from millwright.models.completion import RowCompleter
from millwright.models.moment import days_since_epoch, parse_moment
from millwright.models.policy import NanPolicy, UnseenPolicy
from millwright.models.task import Task

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["ColumnType", "Signature", "SignatureColumn", "Violation", "column_type"]

# Text is free text rather than a category when it has more values than the encoder keeps apart, and they
# hardly repeat or are long.
_FREE_TEXT_DISTINCT = 50
_FREE_TEXT_SHARE = 0.5
_FREE_TEXT_LENGTH = 60
_UNUSUAL = (pl.Float32, pl.Int8, pl.Int16, pl.Int32, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64)  # named as by NumPy


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """What goes into a model and what comes out.

    Attributes:
        inputs: The raw columns, in training order.
        outputs: `prediction`, a tensor where the task is one; for two classes also `probability` (of the positive
            class); for more classes `probability_<class>` per class.
        target: Name of the column that was learned.
        classes: The classes as JSON values, sorted; with two, (negative, positive). Empty for regression.
        nan: What becomes of null and NaN. It is worked into the inputs already (see `rules.ruled`): their `required`
            and `nullable` tell which of them may be absent or null.
        unseen: What becomes of categories that were not there in training.
        tensors: Those inputs that are arrays, by name; worked out from them.

    Example:
        >>> rows = pl.DataFrame({"floors": [3, 12, 5], "borough": ["Bronx", "Queens", None]})
        >>> signature = Signature.infer(rows, pl.Series("late", [False, True, True]), Task.BINARY)
        >>> [(column.name, column.type.value, column.required) for column in signature.inputs]
        [('floors', 'integer', True), ('borough', 'category', False)]
        >>> [(problem.column, problem.found) for problem in signature.check_rows([{"floors": "3"}])]
        [('floors', "the text '3'")]
    """

    inputs: tuple[SignatureColumn, ...]
    outputs: tuple[SignatureColumn, ...]
    task: Task
    target: str
    classes: tuple[Any, ...] = ()
    nan: NanPolicy = NanPolicy.COLUMNS
    unseen: UnseenPolicy = UnseenPolicy.ALLOW
    tensors: Mapping[str, SignatureColumn] = field(init=False, repr=False, compare=False, hash=False)
    _checker: RowChecker = field(init=False, repr=False, compare=False, hash=False)
    _completer: RowCompleter = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        arrays = {column.name: column for column in self.inputs if column.type is ColumnType.TENSOR}
        object.__setattr__(self, "tensors", arrays)
        object.__setattr__(self, "_checker", RowChecker(self.inputs, nan=self.nan, unseen=self.unseen))
        object.__setattr__(self, "_completer", RowCompleter(self.inputs, nan=self.nan, unseen=self.unseen))

    @classmethod
    def infer(
        cls,
        frame: pl.DataFrame,
        target: pl.Series,
        task: Task,
        *,
        types: Mapping[str, ColumnType] | None = None,
    ) -> Signature:
        """The signature of a training table.

        Args:
            frame: The raw input columns, typed, without the target; at least one row.
            target: The target; nulls are not a class.
            task: What is learned from it.
            types: Column types that are known already; the others are inferred.

        Raises:
            InvalidInputError: A column's type has no place in a signature (lists, structs, durations, …).
        """
        given = types or {}
        inputs = tuple(_infer_column(series, given.get(series.name)) for series in frame.get_columns())
        classes = _classes(target) if task.is_classification else ()
        return cls(
            inputs=inputs,
            outputs=_outputs(task, classes),
            task=task,
            target=target.name,
            classes=classes,
        )

    def check_rows(self, rows: Sequence[Mapping[str, Any]], *, limit: int = MAX_VIOLATIONS) -> list[Violation]:
        """What is wrong in raw rows: see `RowChecker.check_rows`."""
        return self._checker.check_rows(rows, limit=limit)

    @property
    def completes(self) -> bool:
        """Whether `complete` may change values, beside filling in null for what is absent."""
        return self._completer.changes

    def with_arrays(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Rows as they came, with arrays in place of the nested lists that can be such; see `tensors`."""
        return self._completer.with_arrays(rows)

    def complete(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Checked rows as the model gets them: see `RowCompleter.complete`."""
        return self._completer.complete(rows)

    @property
    def has_tensors(self) -> bool:
        """Whether it takes or answers arrays."""
        return bool(self.tensors) or self.task is Task.TENSOR

    def check_columns(self, names: Iterable[str]) -> list[Violation]:
        """What is wrong in a table's header: missing required columns and unknown ones."""
        return self._checker.check_columns(names)

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "inputs": [column.to_json() for column in self.inputs],
            "outputs": [column.to_json() for column in self.outputs],
            "task": self.task.value,
            "target": self.target,
            "classes": list(self.classes),
            # Left out when they are as usual, as in records that were written before there were any.
            **({"nan": self.nan.value} if self.nan is not NanPolicy.COLUMNS else {}),
            **({"unseen": self.unseen.value} if self.unseen is not UnseenPolicy.ALLOW else {}),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Signature:
        """From what `to_json` gave.

        Raises:
            InvalidInputError: Something is missing or of the wrong kind.
        """
        try:
            return cls(
                inputs=tuple(SignatureColumn.from_json(column) for column in data["inputs"]),
                outputs=tuple(SignatureColumn.from_json(column) for column in data["outputs"]),
                task=Task(data["task"]),
                target=data["target"],
                classes=tuple(data["classes"]),
                nan=NanPolicy(data.get("nan", NanPolicy.COLUMNS)),
                unseen=UnseenPolicy(data.get("unseen", UnseenPolicy.ALLOW)),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInputError(
                f"Expected a model signature as JSON, found something else ({type(error).__name__}: {error})."
            ) from error


def column_type(series: pl.Series) -> ColumnType | None:
    """The type that a raw column has in a signature.

    Text with more than 50 values that hardly repeat (over half of them distinct) or are long (60 characters on
    average) is free text; other text is a category.

    Args:
        series: A raw column of any length.

    Returns:
        The type; None when such a column cannot be a model's input.
    """
    dtype = series.dtype
    if dtype == pl.Boolean:
        return ColumnType.BOOLEAN
    if dtype.is_integer() and dtype not in (pl.Int128, pl.UInt128):
        return ColumnType.INTEGER
    if dtype.is_numeric():
        return ColumnType.NUMBER
    if dtype in (pl.Date, pl.Datetime):
        return ColumnType.DATE
    if dtype in (pl.Categorical, pl.Enum):
        return ColumnType.CATEGORY
    if dtype != pl.String:
        return None
    values = series.drop_nulls()
    distinct = values.n_unique()
    if distinct > _FREE_TEXT_DISTINCT and (
        distinct > _FREE_TEXT_SHARE * len(values) or float(values.str.len_chars().mean()) > _FREE_TEXT_LENGTH  # type: ignore[arg-type]
    ):
        return ColumnType.TEXT
    return ColumnType.CATEGORY


def _infer_column(series: pl.Series, known: ColumnType | None) -> SignatureColumn:
    kind = known or column_type(series)
    if kind is None:
        raise InvalidInputError(
            f"Column '{series.name}' is of type {series.dtype}, which a model cannot take as input.",
            hint="Leave it out, or turn it into numbers, text, booleans or dates.",
        )
    dtype = str(series.dtype).lower() if series.dtype in _UNUSUAL else ""
    if series.dtype.is_float():
        series = series.set(~series.is_finite(), None)
    categories: tuple[str, ...] = ()
    minimum = maximum = None
    if kind is ColumnType.CATEGORY:
        categories = _categories(series)
    elif kind in (ColumnType.NUMBER, ColumnType.INTEGER):
        minimum, maximum = _float(series.min()), _float(series.max())
    elif kind is ColumnType.DATE:
        minimum, maximum = _days(series.min()), _days(series.max())
    return SignatureColumn(
        name=series.name,
        type=kind,
        required=series.null_count() == 0,
        categories=categories,
        minimum=minimum,
        maximum=maximum,
        dtype=dtype,
    )


def _categories(series: pl.Series) -> tuple[str, ...]:
    counts = (
        pl.DataFrame({"value": series.cast(pl.String)})
        .drop_nulls()
        .group_by("value")
        .len()
        .sort(["len", "value"], descending=[True, False])
        .head(MAX_CATEGORIES)
    )
    return tuple(counts["value"].to_list())


def _float(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]


def _days(value: object) -> float | None:
    moment = parse_moment(value)
    return None if moment is None else days_since_epoch(moment)


def _classes(target: pl.Series) -> tuple[Any, ...]:
    if not (target.dtype == pl.Boolean or target.dtype.is_numeric()):
        target = target.cast(pl.String)
    if target.dtype.is_float():
        target = target.fill_nan(None)
    if target.dtype.is_decimal():
        target = target.cast(pl.Float64)
    return tuple(target.drop_nulls().unique().sort().to_list())


def _outputs(task: Task, classes: tuple[Any, ...]) -> tuple[SignatureColumn, ...]:
    if task is Task.REGRESSION:
        return (SignatureColumn(name="prediction", type=ColumnType.NUMBER),)
    if all(isinstance(label, bool) for label in classes):
        prediction = SignatureColumn(name="prediction", type=ColumnType.BOOLEAN)
    elif all(isinstance(label, str) for label in classes):
        prediction = SignatureColumn(name="prediction", type=ColumnType.CATEGORY, categories=classes)
    elif all(isinstance(label, int) for label in classes):
        prediction = SignatureColumn(name="prediction", type=ColumnType.INTEGER)
    else:
        prediction = SignatureColumn(name="prediction", type=ColumnType.NUMBER)
    names = ["probability"] if task is Task.BINARY else [f"probability_{label}" for label in classes]
    shares = (SignatureColumn(name=name, type=ColumnType.NUMBER, minimum=0.0, maximum=1.0) for name in names)
    return (prediction, *shares)

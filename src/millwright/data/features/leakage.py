"""Leakage: columns that know what cannot be known yet at the moment of prediction.

`check_known_at_prediction` refuses columns that people have declared unknown. `suspicious_columns` looks for those that
nobody thought of: a column that tells the target almost without error is more often a copy of it than a discovery.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import InvalidInputError, LeakageError, closest
from millwright.data.features.column_power import column_power, target_kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SUSPICIOUS_SCORE = 0.99
_MIN_GAIN = 0.5  # accuracy of 0.99 says nothing where always the same guess is right in 99 % of the rows
_MIN_ROWS = 30  # below, a column may tell the target by chance
_MAX_ROWS = 200_000  # enough to tell 0.99 from less


@dataclass(frozen=True, kw_only=True, slots=True)
class Suspicion:
    """A column that tells the target too well.

    Attributes:
        column: Its name.
        measure: `roc_auc`, `accuracy` or `correlation`, of this column alone; `missing roc_auc` and the like when the
            target is told by whether there is a value.
        score: From 0.99 to 1.
    """

    column: str
    measure: str
    score: float

    def __str__(self) -> str:
        return f"{self.column}: {self.measure} {self.score:.3f} by itself"


def check_known_at_prediction(
    features: Sequence[str],
    *,
    unknown: Mapping[str, str],
    derived_from: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Refuse features that are not known at the moment of prediction.

    Args:
        features: The names of the columns that a model is to use.
        unknown: Column → why it is not known then, as in `{"Actual End": "only known when the phase is over"}`.
        derived_from: Feature → the columns (or other features) it is made of; followed to the end.

    Raises:
        LeakageError: A feature is unknown then, or made of something that is; all of them are named, with the reasons.

    Example:
        >>> check_known_at_prediction(["budget"], unknown={"spending": "only known afterwards"})
    """
    origins = derived_from or {}
    found = {feature: path for feature in features if (path := _path_to_unknown(feature, unknown, origins))}
    if not found:
        return
    shown = "; ".join(_explained(path, unknown[path[-1]]) for path in found.values())
    raise LeakageError(
        f"Not known at the moment of prediction: {shown}.",
        hint="Leave them out of the features, or replace them by what was known before.",
        details={"columns": {feature: unknown[path[-1]] for feature, path in found.items()}},
    )


def suspicious_columns(frame: pl.DataFrame, target: str) -> list[Suspicion]:
    """Columns that, each alone, tell the target almost without error, the worst first.

    A target with two values is judged by the ROC AUC of the column (either way round), one with a few by the accuracy
    of its best guess (where that is not much better than always the same guess, nothing is said), a number by the
    absolute rank correlation; see `column_power`. Whether there is a value at all is judged likewise. Rows without a
    target are left out; more than 200,000 are thinned evenly; fewer than 30 give an empty list.

    Args:
        frame: Features and target; columns of lists, records and bytes are left out.
        target: The target's name.

    Raises:
        InvalidInputError: There is no such column.
    """
    if target not in frame.columns:
        raise InvalidInputError(f"There is no column '{target}'.", hint=closest(target, frame.columns))
    rows = frame.filter(pl.col(target).is_not_null())
    rows = rows.gather_every(rows.height // _MAX_ROWS + 1)
    if rows.height < _MIN_ROWS or rows[target].n_unique() < 2:
        return []
    answer = rows[target]
    kind = target_kind(answer)
    if kind is None:
        return []
    found = []
    for column in rows.drop(target).get_columns():
        if column.dtype.is_nested() or isinstance(column.dtype, (pl.Binary, pl.Object)):
            continue
        looks = {kind.value: column, f"missing {kind.value}": _absent(column)}
        powers = {measure: column_power(look, answer, kind) for measure, look in looks.items()}
        measure, power = max(powers.items(), key=lambda item: item[1].score)
        if power.score >= SUSPICIOUS_SCORE and power.gain >= _MIN_GAIN:
            found.append(Suspicion(column=column.name, measure=measure, score=power.score))
    return sorted(found, key=lambda one: (-one.score, one.column))


def overlapping_ids(train: pl.DataFrame, test: pl.DataFrame, columns: Sequence[str]) -> dict[str, float]:
    """For each column of identifiers, the share of the test rows whose identifier occurs in the training rows, too.

    A share above 0 means that a model is tested on things that it knows: split by group to avoid it.

    Args:
        train: Rows that a model learns from.
        test: Rows that it is judged by; none give shares of 0.
        columns: Columns that both have; missing identifiers count as not shared.

    Raises:
        InvalidInputError: One of the tables has no such column.
    """
    shares = {}
    for name in columns:
        for frame in (train, test):
            if name not in frame.columns:
                raise InvalidInputError(f"There is no column '{name}'.", hint=closest(name, frame.columns))
        known = train.select(pl.col(name).drop_nulls().unique())
        shared = test.filter(pl.col(name).is_not_null()).join(known, on=name, how="semi")
        shares[name] = shared.height / test.height if test.height else 0.0
    return shares


def _absent(column: pl.Series) -> pl.Series:
    absent = column.is_null()
    return absent | column.is_nan().fill_null(value=False) if column.dtype.is_float() else absent


def _path_to_unknown(feature: str, unknown: Mapping[str, str], origins: Mapping[str, Sequence[str]]) -> list[str]:
    """From a feature over what it is made of to the first column that is unknown; empty when there is none."""
    paths, seen = [[feature]], {feature}
    while paths:
        path = paths.pop(0)
        if path[-1] in unknown:
            return path
        for origin in origins.get(path[-1], ()):
            if origin not in seen:
                seen.add(origin)
                paths.append([*path, origin])
    return []


def _explained(path: Sequence[str], reason: str) -> str:
    made = " (made of ".join(f"'{name}'" for name in path) + ")" * (len(path) - 1)
    return f"{made}: {reason}"

"""Splits a table into a training and a test part, by time or at random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from millwright.core.errors import InvalidInputError, closest

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, slots=True)
class Split:
    """Two parts of a table.

    Attributes:
        train: Rows to learn from, in their original order.
        test: Rows to judge by, in their original order.
        dropped: How many rows are in neither part.
        note: What was done, for people.
    """

    train: pl.DataFrame
    test: pl.DataFrame
    dropped: int
    note: str


def split_by_time(frame: pl.DataFrame, *, time: str, test_size: float = 0.2, group: str | None = None) -> Split:
    """Trains on earlier rows, tests on later ones.

    The cut is one moment: every training row lies before it, every test row at or after it. With groups, a group that
    has rows on both sides is tested only: its earlier rows are left out of training, and counted. The test part is then
    all that came after the cut, as in production, and the model has seen nothing of the groups in it; to leave the
    later rows out instead would test on groups that are young, hence short, only. The cut is chosen so that the test
    part's share of the kept rows is as near to `test_size` as it can be.

    Args:
        frame: n rows.
        time: A column of dates, datetimes or numbers; rows without a value are left out and counted.
        test_size: Share of the test part, in (0, 1).
        group: A column whose equal values belong together; rows without a value are each a group of their own.

    Raises:
        InvalidInputError: A column is absent or of the wrong type, `test_size` is out of range, or all rows lie at one
            moment.

    Example:
        >>> table = pl.DataFrame({"day": [1, 2, 3, 4, 5], "site": ["a", "a", "b", "a", "c"]})
        >>> parts = split_by_time(table, time="day", test_size=0.5, group="site")
        >>> parts.train["day"].to_list(), parts.test["day"].to_list(), parts.dropped
        ([3], [4, 5], 2)
    """
    _check(frame, test_size, [time, *([group] if group else [])])
    dtype = frame.get_column(time).dtype
    if not (dtype.is_temporal() or dtype.is_numeric()):
        raise InvalidInputError(
            f"A split by time needs dates or numbers, found column '{time}' of type {dtype}.",
            hint="Parse its text to dates first.",
        )
    timed = frame.filter(_has_time(frame.get_column(time)))
    moments = timed.get_column(time).to_physical().to_numpy()
    ends = _group_ends(timed, moments, group)
    cut = _best_cut(moments, ends, test_size)
    if cut is None:
        raise InvalidInputError(
            f"The rows cannot be split by '{time}': no moment has {'groups that end' if group else 'rows'} before it "
            "and rows at or after it.",
            hint="Use a column with different moments, or a random split.",
        )
    in_train, in_test = ends < cut, moments >= cut
    straddling = int((~in_train & ~in_test).sum())
    without = frame.height - timed.height
    first: object = timed.get_column(time).filter(pl.Series(in_test)).min()
    note = f"test rows lie at or after {first}, training rows before"
    if straddling:
        note += f"; {straddling:,} earlier rows of groups that have test rows were left out"
    if without:
        note += f"; {without:,} rows without '{time}' were left out"
    return Split(
        train=timed.filter(pl.Series(in_train)),
        test=timed.filter(pl.Series(in_test)),
        dropped=straddling + without,
        note=note,
    )


def split_random(
    frame: pl.DataFrame,
    *,
    test_size: float = 0.2,
    target: str | None = None,
    group: str | None = None,
    seed: int = 0,
) -> Split:
    """Splits at random: class by class when a target is given, group by group when a group is.

    Args:
        frame: n rows.
        test_size: Share of the test part, in (0, 1); each part gets at least one row.
        target: A column whose values keep their shares in both parts, as far as their counts allow; a value of one
            row stays in the training part. Not together with `group`.
        group: A column whose equal values stay on one side; rows without a value are each a group of their own.
            Groups are drawn until the test part has its share.
        seed: Of the random order; the same seed and rows give the same parts.

    Raises:
        InvalidInputError: A column is absent, `test_size` is out of range, there are fewer than two rows or groups, or
            both columns are given.
    """
    _check(frame, test_size, [name for name in (target, group) if name])
    if target and group:
        raise InvalidInputError("A random split keeps groups together or class shares, found both asked.")
    if frame.height < 2:
        raise InvalidInputError(f"A split needs at least two rows, found {frame.height}.", hint="Add rows.")
    random = np.random.default_rng(seed)
    if group:
        in_test = _draw_groups(frame.get_column(group), test_size, random)
    else:
        in_test = _draw_rows(None if target is None else frame.get_column(target), frame.height, test_size, random)
    kept = f", groups of '{group}' kept together" if group else f", shares of '{target}' kept" if target else ""
    return Split(
        train=frame.filter(pl.Series(~in_test)),
        test=frame.filter(pl.Series(in_test)),
        dropped=0,
        note=f"split at random with seed {seed}{kept}",
    )


def _draw_rows(
    target: pl.Series | None, total: int, test_size: float, random: np.random.Generator
) -> NDArray[np.bool_]:
    order = random.permutation(total)
    if target is None:
        chosen = order[: min(max(round(test_size * total), 1), total - 1)]
    else:
        codes = target.rank("dense").fill_null(0).to_numpy()[order]
        chosen = np.concatenate([_share(order[codes == code], test_size) for code in np.unique(codes)])
        if len(chosen) == 0:  # every value is too rare for a share of its own
            chosen = order[:1]
    in_test = np.zeros(total, dtype=np.bool_)
    in_test[chosen] = True
    return in_test


def _draw_groups(groups: pl.Series, test_size: float, random: np.random.Generator) -> NDArray[np.bool_]:
    alone = pl.Series(-1 - np.arange(len(groups)))
    codes = groups.rank("dense").cast(pl.Int64).fill_null(alone).to_numpy()
    different, sizes = np.unique(codes, return_counts=True)
    if len(different) < 2:
        raise InvalidInputError(
            f"A split by groups needs at least two groups, found one in '{groups.name}'.",
            hint="Choose another group column, or none.",
        )
    order = random.permutation(len(different))
    reached = np.cumsum(sizes[order])
    # The number of groups whose rows come nearest to the share; at least one group stays on either side.
    count = int(np.abs(reached[:-1] - test_size * len(groups)).argmin()) + 1
    return np.isin(codes, different[order[:count]])


def _share(rows: NDArray[np.int64], test_size: float) -> NDArray[np.int64]:
    return rows[: min(round(test_size * len(rows)), len(rows) - 1)]


def _check(frame: pl.DataFrame, test_size: float, columns: list[str]) -> None:
    if not 0 < test_size < 1:
        raise InvalidInputError(f"Expected a test_size between 0 and 1, found {test_size}.", hint="0.2 is usual.")
    for name in columns:
        if name not in frame.columns:
            raise InvalidInputError(f"There is no column '{name}' in the table.", hint=closest(name, frame.columns))


def _has_time(column: pl.Series) -> pl.Series:
    return column.is_not_null() & column.is_not_nan() if column.dtype.is_float() else column.is_not_null()


def _group_ends(frame: pl.DataFrame, moments: NDArray[Any], group: str | None) -> NDArray[Any]:
    """The latest moment of each row's group, shape (n,)."""
    if group is None:
        return moments
    table = pl.DataFrame({"group": frame.get_column(group), "moment": moments})
    ends = table.select(pl.col("moment").max().over("group")).to_series().to_numpy()
    return np.where(frame.get_column(group).is_null().to_numpy(), moments, ends)


def _best_cut(moments: NDArray[Any], ends: NDArray[Any], test_size: float) -> np.generic | None:
    """The moment at which the test part's share is nearest to `test_size`; the later one of equals."""
    candidates = np.unique(moments)
    # A group that ends before a cut has all its rows before it, so these two counts are the two parts.
    before = np.searchsorted(np.sort(ends), candidates, side="left")
    after = len(moments) - np.searchsorted(np.sort(moments), candidates, side="left")
    possible = (before > 0) & (after > 0)
    if not possible.any():
        return None
    share = np.where(possible, after / np.maximum(before + after, 1), np.inf)
    distance = np.abs(share - test_size)
    cut: np.generic = candidates[np.flatnonzero(distance == distance.min())[-1]]
    return cut

"""Sketches of a column's values as bytes: small, and two of them merge into that of all rows.

Sizes and errors, whatever the number of rows (Apache DataSketches, whose documents state them):

- quantiles: KLL with k = 200 (Karnin, Lang, Liberty, FOCS 2016), 5 kB; a rank is off by at most 1.33 % of the rows with
  99 % confidence. Up to 200 values are all kept. Its coin tosses differ from run to run, and so do its bytes.
- distinct values: HyperLogLog with 4,096 registers of 4 bits, 2 kB; off by at most 5 % in 99.7 of 100 cases, and by
  far less below a thousand values. Equal sets of values give equal estimates in any order of updates and merges.
- frequent values: Misra-Gries with 192 counters, 2 to 6 kB; a count is off by at most 1.4 % of the rows. Up to 192
  different values are counted exactly.

Empty bytes stand for no values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from millwright.data.profiles.murmur import telling

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

_KLL_K = 200
_HLL_LG_K = 12
_FREQUENT_LG = 8
_MANY = 20_000  # numbers from which on it pays to see which of them change a sketch
MOST_COUNTED = 192  # three quarters of 2 ** 8: values that the counters hold
_EMPTY_TEXT = "\0"  # the library leaves out empty texts


def rank_error() -> float:
    """By which share of the rows the rank of a sketched quantile is off at most, with 99 % confidence."""
    return float(_library().kll_doubles_sketch.get_normalized_rank_error(_KLL_K, False))


def distinct_error() -> float:
    """By which share an estimated number of different values is off at most, in 99.7 of 100 cases."""
    return float(_library().hll_sketch.get_rel_err(False, True, _HLL_LG_K, 3))


def sketch_quantiles(numbers: NDArray[np.float64]) -> bytes:
    """A sketch of finite numbers, shape (n,)."""
    if not len(numbers):
        return b""
    sketch = _library().kll_doubles_sketch(_KLL_K)
    sketch.update(np.array(numbers, dtype=np.float64))  # a copy: the library takes writable arrays only
    return bytes(sketch.serialize())


def merge_quantiles(first: bytes, second: bytes) -> bytes:
    """The sketch of both."""
    if not (first and second):
        return first or second
    kll = _library().kll_doubles_sketch
    merged = kll.deserialize(first)
    merged.merge(kll.deserialize(second))
    return bytes(merged.serialize())


def quantiles(sketch: bytes, shares: Sequence[float]) -> list[float]:
    """Values at shares of the rows, each one of the values that came; empty without values."""
    return list(_library().kll_doubles_sketch.deserialize(sketch).get_quantiles(list(shares), True)) if sketch else []


def span(sketch: bytes) -> tuple[float, float] | None:
    """The exact lowest and highest value; None without values."""
    if not sketch:
        return None
    opened = _library().kll_doubles_sketch.deserialize(sketch)
    return float(opened.get_min_value()), float(opened.get_max_value())


def bin_counts(sketch: bytes, edges: NDArray[np.float64]) -> list[int]:
    """About how many values are in each bin; their sum is exact.

    Args:
        sketch: Of at least one value.
        edges: Rising, shape (bins + 1,); the first and the last are the lowest and the highest value or beyond.
    """
    opened = _library().kll_doubles_sketch.deserialize(sketch)
    below = np.array([0.0, *opened.get_cdf(edges[1:-1].tolist())])
    below[-1] = 1.0
    return [int(count) for count in np.diff(np.rint(below * opened.n))]


def is_estimate(sketch: bytes) -> bool:
    """Whether a sketch of quantiles has let go of values, so that ranks are estimates."""
    return bool(sketch) and bool(_library().kll_doubles_sketch.deserialize(sketch).is_estimation_mode())


def sketch_distinct(values: pl.Series) -> bytes:
    """A sketch of how many values differ; numbers, texts, dates, times or Booleans, without missing ones.

    Equal values of one type give equal sketches; those of different types, such as 1 and 1.0, need not.
    """
    if values.is_empty():
        return b""
    library = _library()
    sketch = library.hll_sketch(_HLL_LG_K, library.tgt_hll_type.HLL_8)  # faster to fill than the one with 4 bits
    hashable = _hashable(values)
    is_many = values.len() >= _MANY and hashable.dtype != pl.String
    told = telling(hashable) if is_many else hashable.unique()
    update = sketch.update
    for value in told.to_list():
        update(value)
    # Merged with itself, a sketch forgets in which order its values came, which `telling` has changed.
    return _packed([sketch, sketch] if is_many else [sketch])


def merge_distinct(first: bytes, second: bytes) -> bytes:
    """The sketch of both."""
    if not (first and second):
        return first or second
    return _packed([_library().hll_sketch.deserialize(part) for part in (first, second)])


def distinct(sketch: bytes) -> float:
    """About how many values differ; 0 without values."""
    return float(_library().hll_sketch.deserialize(sketch).get_estimate()) if sketch else 0.0


def sketch_frequent(counts: Mapping[str, int]) -> bytes:
    """A sketch of texts and how often each came; positive numbers."""
    sketch = _library().frequent_strings_sketch(_FREQUENT_LG)
    for text, count in counts.items():
        sketch.update(text, count)
    return bytes(sketch.serialize())


def merge_frequent(first: bytes, second: bytes) -> bytes:
    """The sketch of both."""
    kind = _library().frequent_strings_sketch
    merged = kind.deserialize(first)
    merged.merge(kind.deserialize(second))
    return bytes(merged.serialize())


def frequent(sketch: bytes, *, above: int = 0) -> tuple[dict[str, int], int]:
    """The texts that surely came more often than the sketch is off by.

    Args:
        sketch: Of frequent texts.
        above: Only those that came more often than so.

    Returns:
        Text → about how often, and by how much too high that may be at most; 0 when all are counted exactly.
    """
    library = _library()
    opened = library.frequent_strings_sketch.deserialize(sketch)
    rows: list[Any] = opened.get_frequent_items(library.frequent_items_error_type.NO_FALSE_NEGATIVES)
    error = max((upper - lower for _, _, lower, upper in rows), default=int(opened.get_upper_bound("\0\0")))
    return {text: count for text, count, lower, _ in rows if lower > max(above, error)}, int(error)


def _packed(sketches: Sequence[Any]) -> bytes:
    library = _library()
    union = library.hll_union(_HLL_LG_K)
    for sketch in sketches:
        union.update(sketch)
    return bytes(union.get_result(library.tgt_hll_type.HLL_4).serialize_compact())


def _hashable(values: pl.Series) -> pl.Series:
    """Values as the library tells them apart: texts, floats and signed whole numbers."""
    if values.dtype == pl.String:
        return values.replace("", _EMPTY_TEXT)
    if values.dtype.is_float() or values.dtype.is_decimal():
        return values.cast(pl.Float64)
    if values.dtype == pl.Boolean:
        return values.cast(pl.Int8)
    whole = values.to_physical()
    if whole.dtype == pl.UInt64:
        return whole.reinterpret(signed=True)
    return whole.cast(pl.Int64, strict=False) if whole.dtype != pl.Int128 else whole.cast(pl.String)


def _library() -> Any:
    import datasketches

    return datasketches

"""Latencies of a window as counts in fixed cells, each two per cent wider than the one before.

Cells that are the same everywhere and for all time merge exactly, whatever the order, and a quantile that is told from
them is off by one per cent of its value at most. The cells are those of DDSketch with a relative accuracy of 0.01
(Masson, Rim and Lee: DDSketch, VLDB 2019), between a microsecond and a quarter of an hour; what is beyond counts as
the first or the last.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from math import ceil, log
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from millwright.core.errors import IntegrityError
from millwright.monitoring.statistics.column import CountArray
from millwright.monitoring.summaries.grid import pack_counts, unpack_counts

if TYPE_CHECKING:
    from millwright.monitoring.statistics.column import FloatArray

ACCURACY = 0.01  # of a quantile, relative
_RATIO = (1 + ACCURACY) / (1 - ACCURACY)
_LOWEST_MS, _HIGHEST_MS = 0.001, 1_000_000.0
CELLS = ceil(log(_HIGHEST_MS / _LOWEST_MS) / log(_RATIO)) + 1
_FAST = 1  # level of zlib


@dataclass(frozen=True, slots=True, eq=False)
class LatencyHistogram:
    """How long answers took: 8 kB in memory and some hundred bytes packed, whatever the number of rows.

    Attributes:
        counts: Rows per cell, int64 of shape (`CELLS`,): cell i holds what is above `_LOWEST_MS` · ratio^(i-1) and at
            most `_LOWEST_MS` · ratio^i.
    """

    counts: CountArray

    @classmethod
    def of(cls, latency_ms: FloatArray) -> LatencyHistogram:
        """The histogram of some latencies in milliseconds, shape (n,), NaN left out."""
        present = latency_ms[~np.isnan(latency_ms)]
        places = np.ceil(np.log(np.clip(present, _LOWEST_MS, _HIGHEST_MS) / _LOWEST_MS) / log(_RATIO))
        return cls(np.bincount(np.clip(places, 0, CELLS - 1).astype(np.int64), minlength=CELLS).astype(np.int64))

    @classmethod
    def empty(cls) -> LatencyHistogram:
        """That of no rows."""
        return cls(np.zeros(CELLS, dtype=np.int64))

    @property
    def rows(self) -> int:
        """How many latencies were counted."""
        return int(self.counts.sum())

    def merge(self, other: LatencyHistogram) -> LatencyHistogram:
        """The histogram of both windows."""
        return LatencyHistogram(self.counts + other.counts)

    def quantile(self, share: float) -> float | None:
        """The latency in milliseconds that a share of the rows does not exceed; None without rows.

        Args:
            share: 0 to 1; 0.99 for the 99th percentile. The rank is ceil(share · n), at least 1, without interpolation.

        Returns:
            Within `ACCURACY` of the value at that rank, for values between a microsecond and 1,000 seconds.
        """
        total = self.rows
        if not total:
            return None
        rank = max(1, ceil(share * total))
        place = int(np.searchsorted(np.cumsum(self.counts), rank))
        return float(_LOWEST_MS * _RATIO**place * 2 / (1 + _RATIO))

    def to_bytes(self) -> bytes:
        """As bytes: MessagePack in zlib, with the cells that are not empty."""
        return zlib.compress(msgspec.msgpack.encode([CELLS, *pack_counts(self.counts)]), _FAST)

    @classmethod
    def from_bytes(cls, data: bytes) -> LatencyHistogram:
        """A histogram from what `to_bytes` gave.

        Raises:
            IntegrityError: The bytes are something else.
        """
        try:
            cells, *packed = msgspec.msgpack.decode(zlib.decompress(data))
        except (zlib.error, msgspec.DecodeError, ValueError, TypeError) as error:
            raise IntegrityError(f"Expected a histogram of latencies, found something else ({error}).") from error
        if cells != CELLS:
            raise IntegrityError(f"Expected a histogram of {CELLS} cells, found one of {cells}.")
        return cls(unpack_counts(CELLS, packed)[0])

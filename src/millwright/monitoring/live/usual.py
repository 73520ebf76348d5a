"""Limits of drift from parts of the reference, for windows of which only counts are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.errors import NotFoundError
from millwright.monitoring.chunk_limit import drift_limits
from millwright.monitoring.monitored_column import monitored_columns, without_tensors
from millwright.monitoring.reference import DOCUMENT, load_reference

if TYPE_CHECKING:
    from millwright.models.signature import Signature
    from millwright.monitoring.drift_settings import DriftSettings
    from millwright.monitoring.settings import MonitorSettings
    from millwright.storage.catalog import Stores

_MOST = 64
_LARGEST = 5_000  # rows of a part of the reference at most (`chunk_limit`): larger windows have its limits
_DIGITS = 100  # of a window's rows two digits count: a limit changes by a few per cent between two of them


class UsualLimits:
    """Takes limits from parts of a version's reference, which are as large as the window, and keeps the latest.

    Each takes some hundredths of a second per column the first time. Not thread-safe.

    Args:
        stores: Versions and their references.
    """

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._known: dict[tuple[str, int, int, str], DriftSettings] = {}

    def of(self, served: tuple[str, int], signature: Signature, settings: MonitorSettings, rows: int) -> DriftSettings:
        """How drift is decided on a window.

        Args:
            served: Model and version that answered.
            signature: Of the version.
            settings: As declared: the settings of drift as they are where they name no rule.
            rows: Of the window; only its two first digits count.
        """
        if settings.chunks is None and not settings.drift.rules:
            return settings.drift
        size = _rounded(rows)
        key = (*served, size, repr((settings.chunks, settings.drift)))
        found = self._known.pop(key, None)
        if found is None:
            found = self._take(served, signature, settings, size)
        self._known[key] = found
        while len(self._known) > _MOST:
            del self._known[next(iter(self._known))]
        return found

    def _take(
        self, served: tuple[str, int], signature: Signature, settings: MonitorSettings, rows: int
    ) -> DriftSettings:
        digest = self._stores.models.get_version(*served).documents.get(DOCUMENT)
        if digest is None:  # removed meanwhile
            raise NotFoundError(f"{served[0]}@{served[1]} has no document '{DOCUMENT}' to be compared with.")
        reference = load_reference(self._stores.artifacts.get(digest))
        values = {
            column: (reference.answers.outputs if column.output else reference.training.inputs)[column.name]
            for column in monitored_columns(without_tensors(signature))
        }
        return drift_limits(settings.drift, settings.chunks, values, rows)


def _rounded(rows: int) -> int:
    """The number of rows, capped, with its first two digits.

    >>> [_rounded(rows) for rows in (7, 99, 1_234, 80_000)]
    [7, 99, 1200, 5000]
    """
    step = 1
    while min(rows, _LARGEST) // step >= _DIGITS:
        step *= 10
    return min(rows, _LARGEST) // step * step

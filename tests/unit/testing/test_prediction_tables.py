from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from millwright.storage.backends.predictions.log import FolderPredictionStore
from millwright.storage.folder import open_folder
from millwright.testing.prediction_tables import PredictionTablesConformance

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class _Forgetful(FolderPredictionStore):
    """Gives the first segment and no other."""

    def segments(self, endpoint: str, **bounds: Any) -> Iterator[str]:
        yield from list(super().segments(endpoint, **bounds))[:1]


def test_suite_finds_a_store_that_forgets_segments(tmp_path: Path) -> None:
    suite = PredictionTablesConformance()
    suite.test_segments_never_change_and_hold_every_row_once(FolderPredictionStore(open_folder(str(tmp_path / "a"))))
    with pytest.raises(AssertionError):
        suite.test_segments_never_change_and_hold_every_row_once(_Forgetful(open_folder(str(tmp_path / "b"))))

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import NotFoundError
from millwright.workspace.live import Watch, known_endpoint, open_live
from millwright.workspace.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path


def test_watch_looks_at_what_had_news(served: Path):
    with Workspace.open(str(served)) as workspace, open_live(workspace) as live:
        watch = Watch(workspace, live)
        (fold,), (window,) = watch.round()
        assert (fold.rows, window.endpoint, window.name) == (120, "late-visit", "")
        assert window.drift is not None
        assert window.drift.rows == 120
        assert watch.round() == ([fold.__class__(endpoint="late-visit")], [])


def test_known_endpoint_names_the_nearest(served_once: Path):
    with Workspace.open(str(served_once)) as workspace:
        assert known_endpoint(workspace, "late-visit") == "late-visit"
        with pytest.raises(NotFoundError, match="late-vist") as refused:
            known_endpoint(workspace, "late-vist")
        assert "late-visit" in (refused.value.hint or "")

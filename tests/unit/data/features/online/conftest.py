"""An empty workspace at noon."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tiny.online_world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Its stores, closed at the end."""
    from tiny.online_world import open_world

    opened = open_world(tmp_path)
    yield opened
    opened.online.store.close()
    opened.stores.close()

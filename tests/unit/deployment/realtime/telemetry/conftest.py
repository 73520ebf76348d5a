"""A receiver of OTLP over HTTP, as a collector has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tiny.otlp_receiver import Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """See `Receiver`."""
    pytest.importorskip("opentelemetry.sdk", reason="needs OpenTelemetry: pip install 'millwright[otel]'")
    from tiny.otlp_receiver import Receiver

    opened = Receiver()
    yield opened
    opened.close()

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from millwright.core.records.evaluation import dataset_digest


def test_digest_is_of_the_name_and_the_millisecond() -> None:
    moment = datetime(2026, 11, 21, 6, 15, 27, 123000, tzinfo=UTC)
    digest = dataset_digest("größe", moment)
    assert digest == hashlib.sha256("größe:1795241727123".encode()).hexdigest()[:8]
    assert digest == dataset_digest("größe", moment + timedelta(microseconds=999))
    assert digest != dataset_digest("größe", moment - timedelta(microseconds=1))
    assert len(dataset_digest("\ud800", moment)) == 8

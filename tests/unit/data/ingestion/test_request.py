from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.ingestion.request import IngestOptions


@pytest.mark.parametrize(
    ("options", "mode"),
    [
        (IngestOptions(), "overwrite"),
        (IngestOptions(key=("id",)), "merge"),
        (IngestOptions(incremental="files"), "append"),
        (IngestOptions(incremental="files", key=("id",)), "merge"),
        (IngestOptions(mode="append", key=("id",)), "append"),
    ],
)
def test_mode_is_told_by_key_and_increment_when_it_is_not_named(options: IngestOptions, mode: str) -> None:
    options.check()
    assert options.effective_mode == mode


def test_overwrite_of_an_increment_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="append or merge what is new"):
        IngestOptions(mode="overwrite", incremental="changes").check()

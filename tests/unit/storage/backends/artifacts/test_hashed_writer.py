from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from millwright.storage.backends.artifacts.hashed_writer import HashedWriter
from millwright.storage.folder import LocalFolder

if TYPE_CHECKING:
    from pathlib import Path


def test_the_file_has_the_name_that_its_digest_gives_and_is_seen_when_finished(tmp_path: Path) -> None:
    folder = LocalFolder(tmp_path)
    with folder.new_file() as file:
        writer = HashedWriter(file, lambda digest: digest[:4])
        for data in (b"plan", b"", b" B"):
            writer.write(data)
        expected = hashlib.sha256(b"plan B").hexdigest()
        assert folder.read(expected[:4]) is None
        assert (writer.finish(), writer.size_bytes) == (expected, 6)
    assert folder.read(expected[:4]) == b"plan B"

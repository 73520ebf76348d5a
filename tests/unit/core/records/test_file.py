from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.records.file import MAX_PART_BYTES, MAX_PATH_BYTES, FileRecord, check_file_path
from millwright.testing import sample

GOOD = [
    "a",
    "1/r/artifacts/model.pkl",
    "with space/größe",
    "e\u0301",
    "...",
    "..a",
    "a%20b",
    "100%",
    "%",
    "ab:c/d",
    "a?b=c",
]
BAD = [
    "", ".", "..", "/", "/etc/passwd", "a/", "a//b", "./a", "a/..", "a/../../b", "..\\..\\x", "a\0", "a\x1f", "a\x7f",
    "\x85", "%2e%2e/a", "%2E%2E%2fa", "%252e%252e/x", "%25252525252e%25252525252e", "a%00b", "%5c..", "%2fetc", "a%23b",
    "C:/x", "c:x", "C%3A/x", "file:/etc/passwd", "FILE:x", "a#frag", "\ud800",
    "x" * (MAX_PART_BYTES + 1), "/".join(["x" * 200] * 11), "%" + "25" * 12 + "41",
]  # fmt: skip


@pytest.mark.parametrize("path", GOOD)
def test_path_of_plain_names_is_kept_as_it_is(path):
    assert check_file_path(path) == path


@pytest.mark.parametrize("path", BAD, ids=repr)
def test_path_that_could_lead_elsewhere_is_refused(path):
    with pytest.raises(InvalidInputError, match="relative path of plain names"):
        check_file_path(path)


def test_longest_path_is_taken():
    path = "/".join(["é" * 127] * 7) + "/" + "x" * (MAX_PATH_BYTES - 7 * 255)
    assert len(path.encode()) == MAX_PATH_BYTES
    assert check_file_path(path) == path


def test_name_is_the_last_part_of_the_path():
    assert FileRecord(path="a/b/c", is_folder=True, modified_at=sample.NOON).name == "c"
    assert FileRecord(path="c", is_folder=True, modified_at=sample.NOON).name == "c"

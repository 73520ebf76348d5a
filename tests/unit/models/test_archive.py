from __future__ import annotations

import io
import pickle
import stat
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import IntegrityError, UnsafeArtifactError
from millwright.models.archive import read_archive, write_archive

_WHAT = "a test archive"


def _archive(*members: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for info, content in members:
            archive.writestr(info, content)
    return buffer.getvalue()


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}(\.[a-z]{1,4})?", fullmatch=True), st.binary(max_size=200)))
def test_archive_gives_back_what_was_written_in_any_order(members: dict[str, bytes]) -> None:
    data = write_archive(members)

    assert read_archive(data, what=_WHAT) == members
    assert write_archive(dict(reversed(members.items()))) == data


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../x", "c:\\x", "folder/"])
def test_archive_is_refused_when_a_name_leaves_it(name: str) -> None:
    with pytest.raises(UnsafeArtifactError, match="leaves the archive"):
        read_archive(_archive((name, b"")), what=_WHAT)


def test_archive_is_refused_when_it_holds_a_link() -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16

    with pytest.raises(UnsafeArtifactError, match="link"):
        read_archive(_archive((link, b"/etc/passwd")), what=_WHAT)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_archive_is_refused_when_a_name_comes_twice() -> None:
    with pytest.raises(UnsafeArtifactError, match="two of one name"):
        read_archive(_archive(("a", b"1"), ("a", b"2")), what=_WHAT)


def test_archive_is_refused_when_it_unpacks_to_more_than_allowed() -> None:
    with pytest.raises(UnsafeArtifactError, match="more than the 1,000 allowed"):
        read_archive(write_archive({"a": bytes(2_000)}), what=_WHAT, max_total_bytes=1_000)


def test_archive_is_refused_when_a_size_is_forged() -> None:
    data = bytearray(write_archive({"a": b"x" * 100}, compress=False))
    size_at = data.rindex(b"PK\x01\x02") + 24  # the uncompressed size in the directory
    data[size_at : size_at + 4] = (10_000_000).to_bytes(4, "little")

    with pytest.raises(UnsafeArtifactError, match="impossible size"):
        read_archive(bytes(data), what=_WHAT)


def test_archive_is_refused_when_it_is_a_pickle() -> None:
    with pytest.raises(UnsafeArtifactError, match="found a pickle"):
        read_archive(pickle.dumps({"a": 1}), what=_WHAT)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 cut off", b"something else"])
def test_archive_is_damaged_when_it_is_no_zip(data: bytes) -> None:
    with pytest.raises(IntegrityError, match="Expected a test archive"):
        read_archive(data, what=_WHAT)


def test_archive_is_damaged_when_a_byte_was_changed() -> None:
    data = bytearray(write_archive({"a": b"some content that is stored"}, compress=False))
    data[data.index(b"content")] ^= 1

    with pytest.raises(IntegrityError, match="'a' is damaged"):
        read_archive(bytes(data), what=_WHAT)

from __future__ import annotations

import os

import pytest

from millwright.core.errors import ConfigurationError
from millwright.deployment.realtime.telemetry.append_file import AppendFile


def test_lines_are_appended(tmp_path):
    path = tmp_path / "access.log"
    path.write_text("before\n")
    file = AppendFile(path)
    file.append(b"one\n")
    file.append(b"two\n")
    file.close()
    assert path.read_text() == "before\none\ntwo\n"


def test_file_that_was_moved_away_is_made_again(tmp_path):
    path = tmp_path / "access.log"
    file = AppendFile(path)
    file.append(b"one\n")
    path.rename(tmp_path / "access.log.1")
    file.append(b"two\n")
    path.unlink()
    file.append(b"three\n")
    file.close()
    assert (tmp_path / "access.log.1").read_text() == "one\n"
    assert path.read_text() == "three\n"


def test_file_that_was_cut_short_is_gone_on_with(tmp_path):
    path = tmp_path / "access.log"
    file = AppendFile(path)
    file.append(b"one\n")
    os.truncate(path, 0)
    file.append(b"two\n")
    file.close()
    assert path.read_bytes() == b"two\n"


def test_lines_of_two_writers_do_not_mix(tmp_path):
    path = tmp_path / "access.log"
    first, second = AppendFile(path), AppendFile(path)
    for _ in range(20):
        first.append(b"a" * 999 + b"\n")
        second.append(b"b" * 999 + b"\n")
    assert set(path.read_bytes().splitlines()) == {b"a" * 999, b"b" * 999}
    first.close()
    second.close()


def test_place_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(ConfigurationError, match="No such file or directory"):
        AppendFile(tmp_path / "nowhere" / "access.log")
    with pytest.raises(ConfigurationError, match="Is a directory"):
        AppendFile(tmp_path)

from __future__ import annotations

import multiprocessing
from typing import TYPE_CHECKING

import pytest

from millwright.governance.openlineage.file_sink import FileSink

if TYPE_CHECKING:
    from pathlib import Path


def test_each_event_is_a_line_behind_those_that_are_there(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "events.jsonl"
    for body in (b"{1}", b"{2}"):
        sink = FileSink(path)
        sink.send(body)
        sink.close(1.0)
    assert path.read_bytes() == b"{1}\n{2}\n"


def test_line_that_was_cut_short_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"half":')
    sink = FileSink(path)
    sink.send(b"{1}")
    sink.close()
    assert path.read_bytes() == b'{"half":\n{1}\n'


def test_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OSError, match="file"):
        FileSink(tmp_path / "file" / "events.jsonl").send(b"{}")


def test_full_disk_is_an_error(tmp_path: Path) -> None:
    link = tmp_path / "full"
    link.symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        FileSink(link).send(b"{}")


def _write(path: Path, letter: str) -> None:
    sink = FileSink(path)
    for _ in range(200):
        sink.send(letter.encode() * 5000)
    sink.close()


def test_processes_that_share_a_file_cut_no_lines(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(path, letter)) for letter in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    lines = path.read_text().splitlines()
    assert len(lines) == 400
    assert {(line[0], len(set(line)), len(line)) for line in lines} == {("a", 1, 5000), ("b", 1, 5000)}

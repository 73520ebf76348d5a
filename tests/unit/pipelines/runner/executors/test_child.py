from __future__ import annotations

import io
import subprocess
import sys

from millwright.pipelines.runner.executors import child
from millwright.pipelines.runner.executors.child import read_frame, write_frame


def test_frames_come_back_and_a_torn_one_does_not() -> None:
    stream = io.BytesIO()
    for data in (b"one", b"", b"x" * 70_000):
        write_frame(stream, data)
    stream.write(b"\0\0\0\5abc")
    stream.seek(0)
    assert [read_frame(stream) for _ in range(4)] == [b"one", b"", b"x" * 70_000, None]


def test_process_ends_when_its_input_does() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", child.__name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    process.communicate(timeout=60)
    assert process.returncode != 0

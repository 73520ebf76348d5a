"""The process that others are copies of, spoken to as a forker does."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

from unit.core.forking.conftest import WORK, only_on_linux

pytestmark = only_on_linux

CODE = "from millwright.core.forking.server import main; main()"


@contextmanager
def origin(folder):
    (folder / "worked.py").write_text(WORK, encoding="utf-8")
    mine, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with mine, its:
        command = [sys.executable, "-P", "-c", CODE, str(its.fileno()), "worked:main", str(folder)]
        process = subprocess.Popen(command, pass_fds=(its.fileno(),), start_new_session=True)
        its.close()
        yield mine, process
        mine.close()
        assert process.wait(60) == 0


def tell(line, message, *descriptors: int):
    socket.send_fds(line, [json.dumps(message).encode()], descriptors)


def test_process_is_forked_and_its_end_is_told(tmp_path):
    with origin(tmp_path) as (line, process), open(os.devnull, "r+b") as nowhere:  # noqa: PTH123 - a device
        tell(line, {"load": ["worked"], "at_once": True})
        for _ in range(2):
            tell(line, {"folder": str(tmp_path)}, nowhere.fileno(), nowhere.fileno(), 2)
            pid = json.loads(line.recv(1000))["pid"]
            assert json.loads(line.recv(1000)) == {"ended": pid, "code": 0}
            process.send_signal(signal.SIGTERM)  # a service manager asks all; this one leaves with the line


def test_signal_that_ended_a_process_is_told(tmp_path):
    reader, writer = os.pipe()
    with origin(tmp_path) as (line, _), open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a device
        tell(line, {"folder": str(tmp_path)}, reader, nowhere.fileno(), 2)
        pid = json.loads(line.recv(1000))["pid"]
        os.kill(pid, signal.SIGKILL)
        assert json.loads(line.recv(1000)) == {"ended": pid, "code": -9}
    os.close(reader)
    os.close(writer)

from __future__ import annotations

import signal
import subprocess
import sys

import httpx


def test_signal_ends_the_process_in_order(watched_once):
    command = [sys.executable, "-m", "millwright", "server", "--port", "0"]
    with subprocess.Popen(command, cwd=watched_once, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split(" at ")[1].split()[0]
        assert httpx.get(f"{url}/health").text == "OK"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0

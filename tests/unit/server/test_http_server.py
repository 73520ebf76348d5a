from __future__ import annotations

import signal

import httpx

from tiny import forking


def test_signal_ends_the_process_in_order(watched_once):
    with forking.start(["-m", "millwright", "server", "--port", "0"], cwd=watched_once, stderr=None) as process:
        url = process.stdout.readline().split(" at ")[1].split()[0]
        assert httpx.get(f"{url}/health").text == "OK"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0

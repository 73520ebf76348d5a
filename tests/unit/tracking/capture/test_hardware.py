from __future__ import annotations

import json
import socket

from millwright.tracking.capture.hardware import cpu_model, hardware


def test_machine_is_told_as_json_values() -> None:
    found = hardware()
    assert found.host == socket.gethostname()
    assert found.cpu == cpu_model() != ""
    assert found.cores >= 1
    assert found.memory_bytes > 1 << 20
    assert json.loads(json.dumps(found.as_dict())) == found.as_dict()

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from millwright.deployment.realtime.call import Call


def test_header_is_found_by_its_lower_case_name():
    nothing: Any = None
    arm: Any = SimpleNamespace(served=None)
    call = Call(nothing, nothing, arm, body=b"", headers=[(b"a", b"1"), (b"a", b"2")], query=b"", request_id="x")
    assert (call.header(b"a"), call.header(b"b")) == (b"1", b"")

"""Which trace a request belongs to.

Source: https://www.w3.org/TR/trace-context/, the header `traceparent`: `00-<32 hex digits>-<16 hex digits>-<2 hex
digits>`; ids of zeros, capital letters and the version `ff` are none, and a later version may say more behind a dash.
"""

from __future__ import annotations

import re
from random import getrandbits
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_PARENT = re.compile(rb"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")
_FIRST = b"00"


def trace_of(headers: Sequence[tuple[bytes, bytes]]) -> str:
    """The trace that a request says it belongs to, as 32 hexadecimal digits; empty when it says none.

    Args:
        headers: Lower-case names and values as received. A `traceparent` that is there twice counts as none.
    """
    found = [value for name, value in headers if name == b"traceparent"]
    match = _PARENT.fullmatch(found[0]) if len(found) == 1 else None
    if match is None or (match.group(1) == _FIRST and match.group(3)):
        return ""
    return match.group(2).decode()


def new_trace() -> str:
    """A random trace id. Nothing rests on nobody guessing it."""
    return f"{getrandbits(128) or 1:032x}"

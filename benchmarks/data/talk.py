"""How a driver is talked to: one JSON command a line (`{"work": …, …}`), one JSON answer a line.

Needs the standard library only: peers run it in environments of their own.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

_KIB = 1024


def peak_mb() -> float:
    """The largest resident memory of this process so far; `getrusage` would begin with that of its parent."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))) / _KIB


def talk(works: Any) -> None:
    """Do what is asked until the input ends; answers carry `peak_mb`, the process's largest memory so far."""
    # Libraries print things of their own; what is ours to say goes out by itself.
    told = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    told.write('"ready"\n')
    for line in sys.stdin:
        asked = json.loads(line)
        name = asked.pop("work")
        try:
            answer = getattr(works, name)(**asked)
        except Exception:  # noqa: BLE001 - told to whoever asked
            answer = {"error": traceback.format_exc(limit=-3)}
        answer["peak_mb"] = peak_mb()
        told.write(json.dumps(answer) + "\n")

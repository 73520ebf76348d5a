"""The running Millwright as a wheel, so that what serves elsewhere is the code that was tried here.

Source: https://packaging.python.org/en/latest/specifications/binary-distribution-format/
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
from importlib.metadata import distribution
from pathlib import Path

from millwright.models.archive import write_archive
from millwright.version import __version__

_NAME = "millwright"
_WHEEL = "Wheel-Version: 1.0\nGenerator: millwright\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_KEPT = ("METADATA", "entry_points.txt")  # of what the installation says of itself
_LEFT_OUT = frozenset({"__pycache__"})


def wheel_name() -> str:
    """The wheel's file name."""
    return f"{_NAME}-{__version__}-py3-none-any.whl"


def build_wheel() -> tuple[str, bytes]:
    """File name and content; the same bytes for the same code.

    It is put together from the files that run, whether they were installed from a wheel or are a developer's checkout.
    """
    package = Path(__file__).parents[1]
    members = {
        f"{_NAME}/{path.relative_to(package).as_posix()}": path.read_bytes()
        for path in package.rglob("*")
        if path.is_file() and not _LEFT_OUT & set(path.parts) and path.suffix != ".pyc"
    }
    said = distribution(_NAME)
    info = f"{_NAME}-{__version__}.dist-info"
    for name in _KEPT:
        text = said.read_text(name)
        if text is not None:
            members[f"{info}/{name}"] = text.encode()
    members[f"{info}/WHEEL"] = _WHEEL.encode()
    members[f"{info}/RECORD"] = _record(members, f"{info}/RECORD")
    return wheel_name(), write_archive(members)


def _record(members: dict[str, bytes], own: str) -> bytes:
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    for name, content in sorted(members.items()):
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.writerow((name, f"sha256={digest}", len(content)))
    lines.writerow((own, "", ""))
    return text.getvalue().encode()

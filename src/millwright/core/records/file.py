"""Named artifacts: a tree of paths, each file of which names its bytes by their digest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from millwright.core.errors import InvalidInputError
from millwright.core.ids import Digest

MAX_PATH_BYTES = 2000  # as UTF-8; PostgreSQL's index entries end at 2,704 bytes
MAX_PART_BYTES = 255  # so that a downloaded file fits any file system
_MAX_DECODINGS = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class FileRecord:
    """A file or a folder of the tree.

    Attributes:
        path: From the root, parts joined by `/`, without one at either end.
        is_folder: Whether it holds other files; it then has no bytes of its own.
        digest: Of the file's bytes, which the artifact store keeps; None for a folder.
        size_bytes: 0 for a folder.
        modified_at: When the file was last put, or the folder made.
    """

    path: str
    is_folder: bool
    modified_at: datetime
    digest: Digest | None = None
    size_bytes: int = 0

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


def check_file_path(path: str) -> str:
    """The path, if it is one that names a file of the tree and can be mistaken for nothing else.

    Args:
        path: Parts joined by `/`; any Unicode, kept as it is.

    Raises:
        InvalidInputError: A part is empty, `.` or `..`; there is a backslash, a `#`, a NUL or another control
            character; it begins like a drive or a `file:` URL; it would be any of that once percent-decoded (however
            often); or it is too long.
    """
    reason = _objection(path)
    decoded = path
    for _ in range(_MAX_DECODINGS):
        if reason is not None:
            break
        before, decoded = decoded, unquote(decoded)
        if before == decoded:
            return path
        reason = _objection(decoded)
    raise InvalidInputError(
        f"Expected the path of an artifact, such as model/weights.bin, found {path[:200]!r}: "
        f"{reason or 'it is percent-encoded too often'}.",
        hint="Use a relative path of plain names.",
    )


def _objection(path: str) -> str | None:
    parts = path.split("/")
    if any(part in {"", ".", ".."} for part in parts):
        return "a part of it is empty, '.' or '..'"
    if "\\" in path or "#" in path:
        return "it holds a backslash or '#'"
    if any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in path):
        return "it holds a control character"
    if path[1:2] == ":" or path[:5].casefold() == "file:":
        return "it begins like a drive or a file: URL"
    if any(0xD800 <= ord(char) < 0xE000 for char in path):
        return "it is not valid Unicode"
    if len(path.encode()) > MAX_PATH_BYTES or any(len(part.encode()) > MAX_PART_BYTES for part in parts):
        return f"it is longer than {MAX_PATH_BYTES} bytes, or a part longer than {MAX_PART_BYTES}"
    return None

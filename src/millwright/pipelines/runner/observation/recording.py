"""What an execution printed: kept up to a size, the beginning and the end of it."""

from __future__ import annotations

import threading
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from millwright.pipelines.secrets import Masks

_HALF: Final = 5 << 20
_IN_MEMORY = 256 << 10


class Recording:
    """Bytes that are appended, as text at the end. Thread-safe.

    Of more than two halves, the first and the last half are kept. Beyond 256 KiB each is in a temporary file that has
    no name; it holds secrets as they were printed, and is gone with the recording.

    Args:
        half_bytes: Bytes of a half.
    """

    def __init__(self, half_bytes: int = _HALF) -> None:
        self._half = half_bytes
        self._lock = threading.Lock()
        self._parts: list[_Part] = []  # the first half, then at most two of the latest parts of half a size
        self._dropped = 0

    @property
    def size_bytes(self) -> int:
        """How much was appended."""
        return self._dropped + sum(part.size for part in self._parts)

    def append(self, data: bytes) -> None:
        """Add bytes at the end."""
        with self._lock:
            rest = memoryview(data)
            while rest:
                if not self._parts or self._parts[-1].size >= self._half:
                    self._begin_part()
                part = self._parts[-1]
                taken = rest[: self._half - part.size]
                part.append(taken)
                rest = rest[len(taken) :]

    def text(self, masks: Masks) -> str:
        """Everything that is kept, with secrets masked; between the halves a line says how much is left out."""
        with self._lock:
            if not self._parts:
                return ""
            head = self._parts[0].read()
            tail = b"".join(part.read() for part in self._parts[1:])
            total = self.size_bytes
        if total <= 2 * self._half:
            return masks.mask(_decoded(head + tail))
        first, first_bytes = _beginning(_decoded(head), masks)
        last, last_bytes = _ending(_decoded(tail[-self._half :]), masks)
        left_out = total - first_bytes - last_bytes
        return f"{first}[… {left_out:,} of {total:,} bytes are left out here …]\n{last}"

    def close(self) -> None:
        """Forget everything."""
        with self._lock:
            for part in self._parts:
                part.close()
            self._parts = []

    def _begin_part(self) -> None:
        self._parts.append(_Part())
        if len(self._parts) > 3:  # the first half, and two parts that the last half is cut from
            oldest = self._parts.pop(1)
            self._dropped += oldest.size
            oldest.close()


class _Part:
    def __init__(self) -> None:
        self._memory = bytearray()
        self._file: IO[bytes] | None = None
        self.size = 0

    def append(self, data: memoryview) -> None:
        self.size += len(data)
        if self._file is None and self.size > _IN_MEMORY:
            self._file = TemporaryFile()  # noqa: SIM115 (closed by whoever owns the part, or with it)
            self._file.write(self._memory)
            self._memory.clear()
        if self._file is None:
            self._memory += data
        else:
            self._file.write(data)

    def read(self) -> bytes:
        if self._file is None:
            return bytes(self._memory)
        self._file.seek(0)
        return self._file.read()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def __del__(self) -> None:
        self.close()


def _decoded(data: bytes) -> str:
    return data.decode(errors="replace")


def _beginning(text: str, masks: Masks) -> tuple[str, int]:
    """The whole lines of a text that is cut off at its end, masked; and how many bytes they were.

    What could be the beginning of a secret that is cut in two goes away with the cut.
    """
    limit = max(0, len(text) - masks.longest)
    cut = text.rfind("\n", 0, limit) + 1 or limit
    cut = next((end for start, end in masks.spans(text) if start < cut < end), cut)
    masked = masks.mask(text[:cut])
    return masked if masked.endswith("\n") else f"{masked}\n", len(text[:cut].encode())


def _ending(text: str, masks: Masks) -> tuple[str, int]:
    """The whole lines of a text whose beginning is cut off, masked; and how many bytes they were."""
    limit = min(len(text), masks.longest)
    newline = text.find("\n", limit)
    cut = newline + 1 if 0 <= newline < len(text) - 1 else limit
    cut = next((start for start, end in masks.spans(text) if start < cut < end), cut)
    return masks.mask(text[cut:]), len(text[cut:].encode())

"""Frames of HTTP/2, as far as a pipe has to know them: where one ends, and how to say farewell.

Source: RFC 9113, sections 4.1 (a frame's head: three bytes of length, type, flags, four bytes of stream id) and 6.8
(GOAWAY).
"""

from __future__ import annotations

# Length 8, type 7, no flags, stream 0; then the largest of stream ids, and no error. So it tells that the end is near:
# calls that are on the way are still answered, and no more are to be begun.
GOAWAY = b"\0\0\x08\x07\0\0\0\0\0" + b"\x7f\xff\xff\xff" + b"\0\0\0\0"

_HEAD = 9  # bytes


class FrameEnds:
    """Follows a sequence of frames that comes in pieces of any size."""

    __slots__ = ("_head", "_left", "_seen")

    def __init__(self) -> None:
        self._head = b""  # of the frame that has begun, when it is not complete
        self._left = 0  # bytes of it that are still to come
        self._seen = False

    @property
    def between(self) -> bool:
        """Whether the last piece ended where a frame does; at the very beginning, before any, it did not."""
        return self._seen and not self._left and not self._head

    def see(self, data: bytes) -> None:
        """Take the next piece."""
        self._seen = True
        size = len(data)
        at = self._left  # where the next frame begins
        while at < size:
            if self._head or size - at < _HEAD:
                wanted = _HEAD - len(self._head)
                self._head += data[at : at + wanted]
                if len(self._head) < _HEAD:
                    self._left = 0
                    return
                at += wanted + int.from_bytes(self._head[:3])
                self._head = b""
            else:
                at += _HEAD + int.from_bytes(data[at : at + 3])
        self._left = at - size

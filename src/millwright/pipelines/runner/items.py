"""Lists whose items are values of their own: how they lie in the store.

The form of such a list is a line `millwright-items 1`, a line of JSON (`[[serializer, digest, bytes], …]`), and the
bytes of the short items, one after the other. Longer ones are blobs of their own under their digests. Equal items give
equal bytes, so that the digest of the whole changes exactly when an item does.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from millwright.core.errors import IntegrityError
from millwright.core.ids import Digest

if TYPE_CHECKING:
    from collections.abc import Sequence

ITEMS = "items"  # the serializer's name in `ValueRef`
LONGEST_INSIDE = 1 << 16

_FIRST_LINE = b"millwright-items 1\n"


@dataclass(frozen=True, slots=True)
class StoredItem:
    """One item.

    Attributes:
        serializer: The format of its bytes.
        digest: Of its bytes.
        size_bytes: How many.
        data: They themselves; None for a long one, which is a blob of its own.
        offset: Where in the list they begin, when it was read.
    """

    serializer: str
    digest: Digest
    size_bytes: int
    data: bytes | None
    offset: int = field(default=0, compare=False)

    @property
    def is_inside(self) -> bool:
        """Whether its bytes stand in the list."""
        return self.size_bytes <= LONGEST_INSIDE


def write_items(items: Sequence[StoredItem]) -> bytes:
    """The bytes of a list; short items must have theirs."""
    head = json.dumps([[item.serializer, item.digest, item.size_bytes] for item in items], separators=(",", ":"))
    return b"".join([_FIRST_LINE, head.encode(), b"\n", *(item.data or b"" for item in items if item.is_inside)])


def read_items(data: bytes) -> list[StoredItem]:
    """The items of a list.

    Raises:
        IntegrityError: The bytes are no such list.
    """
    end = data.find(b"\n", len(_FIRST_LINE))
    if not data.startswith(_FIRST_LINE) or end < 0:
        raise IntegrityError("A stored list of items has another form than expected.", hint="Run the step again.")
    items, at = [], end + 1
    for serializer, digest, size in json.loads(data[len(_FIRST_LINE) : end]):
        inside = size <= LONGEST_INSIDE
        items.append(StoredItem(serializer, Digest(digest), size, data[at : at + size] if inside else None, at))
        at += size if inside else 0
    return items

"""Uploads that come in parts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from millwright.core.ids import Digest


@dataclass(frozen=True, kw_only=True, slots=True)
class UploadRecord:
    """An upload that has begun.

    Attributes:
        id: Nobody can guess it.
        path: Where the artifact will be, in the tree of named artifacts.
        expires_at: When it counts as given up.
        digest: What its parts became; None until it is complete.
    """

    id: str
    path: str
    expires_at: datetime
    digest: Digest | None = None

"""Libraries that may be loaded before a fork."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

# Slow to load, and without a thread of their own afterwards that a copy would lack: OpenBLAS ends its threads before a
# fork and begins new ones after it, and so do Arrow's pools. Polars is not here: a copy would lack the thread that
# removes what it had to write to disk; nor are those that begin threads, or hold a device, when they are loaded.
FORK_SAFE = ("joblib", "numpy", "pandas", "pyarrow", "scipy", "sklearn", "yaml")


def loaded_libraries(besides: Collection[str] = ()) -> tuple[str, ...]:
    """Modules of fork-safe libraries that this process has loaded, in the order in which it did.

    Args:
        besides: Modules that are left out.
    """
    known = frozenset(besides)
    return tuple(name for name in list(sys.modules) if name.partition(".")[0] in FORK_SAFE and name not in known)

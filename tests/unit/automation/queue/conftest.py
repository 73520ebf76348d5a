from __future__ import annotations

from tiny.queue_world import clock, stores

__all__ = ["clock", "stores"]

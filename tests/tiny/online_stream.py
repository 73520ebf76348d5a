"""A stream view of the rows of `online_world`."""

from __future__ import annotations

from datetime import timedelta

from millwright.data.features.stream_view import StreamFeatureView, Window, WindowKind
from tiny.online_world import phases


def visits(event_id: str | None) -> StreamFeatureView:
    """How many rows a site had in a day, and how late it was in two hours."""
    windows = [Window("n", over=timedelta(days=1)), Window("late", "late", WindowKind.SUM, over=timedelta(hours=2))]
    return StreamFeatureView(
        "visits", entities=phases().entities, source="phases", timestamp="at", windows=windows, event_id=event_id
    )

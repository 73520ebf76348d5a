"""The contracts that the server speaks: one module each, with the paths it adds.

A further contract is a further module with `routes()`, named in `all_routes`. Handlers take a `Call` and give an
`Answer`; they decode, hand checked rows to `prediction.predict`, and encode.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.deployment.realtime.protocol import metrics, mlflow_scoring, open_inference, plain_rows
from millwright.deployment.realtime.protocol.page import page_route

if TYPE_CHECKING:
    from millwright.deployment.realtime.route import Route

__all__ = ["all_routes"]


def all_routes() -> tuple[Route, ...]:
    """Every path of the server."""
    return (
        page_route(all_routes),
        *plain_rows.routes(),
        *open_inference.routes(),
        *mlflow_scoring.routes(),
        *metrics.routes(),
    )

"""What probes and load balancers ask for; in plain text, as MLflow's clients read it.

`server.front` answers both before the API is loaded; they stand here so that the API's description names them.
"""

from __future__ import annotations

from litestar import MediaType, get

from millwright.server.injection import FromApp
from millwright.server.mlflow.probe import MLFLOW_VERSION


@get("/health", media_type=MediaType.TEXT, sync_to_thread=True, tags=["server"])
def health(services: FromApp) -> str:
    """Say OK when the records can be read."""
    services.stores.audit.list(limit=1)
    return "OK"


@get("/version", media_type=MediaType.TEXT, sync_to_thread=False, tags=["server"])
def version() -> str:
    """Tell the release of MLflow whose clients this server answers; its own stands in `/openapi.json`."""
    return MLFLOW_VERSION

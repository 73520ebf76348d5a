"""What MLflow's clients ask about the server itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.server.mlflow.answer import Answer
from millwright.server.mlflow.permission import Access, Rule, server
from millwright.server.mlflow.route import Route

if TYPE_CHECKING:
    from millwright.server.mlflow.call import Call

# The release whose clients this wire was tested with; they compare it with their own.
MLFLOW_VERSION = "3.17.2"


def server_info(_call: Call, _body: None) -> Answer:
    """What the server can do: clients choose by it how to send spans and files."""
    return Answer(
        {
            "store_type": "SqlStore",
            "workspaces_enabled": False,
            "trace_archival_enabled": False,
            "multipart_uploads_enabled": True,
            "multipart_downloads_enabled": True,
            "presigned_upload_run_id_supported": False,
            "presigned_upload_model_id_supported": False,
            "features_enabled": {"gateway": False},
        }
    )


ROUTES = (
    Route(
        method="GET", path="/mlflow/server-info", versions=(3,), handler=server_info, rule=Rule(Access.PUBLIC, server)
    ),
)

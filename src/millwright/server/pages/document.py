"""Documents of model versions, shown without any power over this server."""

from __future__ import annotations

from litestar import Response, get

from millwright.server.api.listing import Name, Version
from millwright.server.document import document_of
from millwright.server.injection import FromApp
from millwright.server.security import DOCUMENT_POLICY


@get(
    "/models/{name:str}/{version:int}/documents/{document:str}",
    media_type="application/octet-stream",
    sync_to_thread=True,
    include_in_schema=False,
)
def show_document(services: FromApp, name: Name, version: Version, document: Name) -> Response[bytes]:
    """Show a document in an origin of its own, or have it saved."""
    found = document_of(services.stores, name, version, document)
    headers = {"content-security-policy": DOCUMENT_POLICY}
    if not found.media_type:
        headers["content-disposition"] = f'attachment; filename="{found.file_name}"'
    return Response(found.data, media_type=found.media_type or "application/octet-stream", headers=headers)

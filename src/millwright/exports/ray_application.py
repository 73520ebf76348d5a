"""What a Ray Serve replica runs: the same application as `mw serve`, with every contract, of one bundle.

Ray's proxy stands before it, and sees to connections, routes, scaling and restarts. Predictions are not logged here.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from millwright.core.clock import SystemClock
from millwright.core.temporary_folder import new_temporary_folder, remove_abandoned_folders
from millwright.deployment.realtime.admission import Admission
from millwright.deployment.realtime.app import RealtimeApp
from millwright.deployment.realtime.loader import load_served
from millwright.deployment.realtime.model_slot import ModelSlot
from millwright.deployment.realtime.request_stats import RequestStats
from millwright.deployment.realtime.serve_options import ServedChoice, ServeOptions
from millwright.deployment.realtime.serving_state import ServingState
from millwright.exports.bundle import put_bundle, read_bundle
from millwright.storage.catalog import open_stores

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.deployment.realtime.app import Receive, Scope, Send
    from millwright.deployment.realtime.served_model import ServedModel


class BundleApplication:
    """An ASGI application that answers for one model, and to those who begin and end it (`lifespan`).

    Args:
        app: Answers requests.
    """

    def __init__(self, app: RealtimeApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or take part in the beginning and the end (ASGI 3)."""
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        for event in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{event}.complete"})


def bundle_application(folder: Path, *, max_requests: int = 1_000) -> BundleApplication:
    """The ASGI application that answers for a bundle, loaded, tried on its example and warm.

    Args:
        folder: Where the bundle is.
        max_requests: Most predictions at once; what comes beyond is refused with status 503.

    Raises:
        NotFoundError, StoreVersionError: There is no bundle that reads.
        IntegrityError: It is damaged, or fails its self-test.
        MissingExtraError: A library of the extra `serve`, or of the model, is not installed.
    """
    served = _load(folder)
    limits = ServeOptions(models=(ServedChoice(served.ref),))
    state = ServingState(
        (ModelSlot(served.name, served),),
        clock=SystemClock(),
        stats=RequestStats(),
        log=None,
        max_rows=limits.max_rows,
    )
    return BundleApplication(RealtimeApp(state, admission=Admission(max_requests, limits.request_seconds)))


def _load(folder: Path) -> ServedModel:
    bundle = read_bundle(folder)
    remove_abandoned_folders()
    place = new_temporary_folder("bundle")
    try:
        stores = open_stores(
            records_url=f"sqlite:///{place / 'records.db'}",
            artifacts_url=str(place / "artifacts"),
            predictions_url=str(place / "predictions"),
        )
        try:
            put_bundle(bundle, stores)
            return load_served(bundle.record, stores.artifacts)
        finally:
            stores.close()
    finally:
        shutil.rmtree(place, ignore_errors=True)

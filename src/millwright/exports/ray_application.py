"""What a Ray Serve replica runs: the same application as `mw serve`, with every contract, of one bundle.

Ray's proxy stands before it, and sees to connections, routes, scaling and restarts. Two of the settings of `mw serve`
hold here, as variables: `MILLWRIGHT_PREDICTIONS`, a place that all replicas reach, where predictions are logged, which
they are not without it; and `MILLWRIGHT_MODELS__ALLOW_CODE`, without which a model that is Python code is not loaded.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import msgspec

from millwright.core.clock import SystemClock
from millwright.core.errors import ConfigurationError
from millwright.core.temporary_folder import new_temporary_folder, remove_abandoned_folders
from millwright.deployment.realtime.admission import Admission
from millwright.deployment.realtime.app import RealtimeApp
from millwright.deployment.realtime.loader import load_served
from millwright.deployment.realtime.log_writer import LogOptions, PredictionLogWriter
from millwright.deployment.realtime.model_slot import ModelSlot
from millwright.deployment.realtime.request_stats import RequestStats
from millwright.deployment.realtime.serve_options import ServedChoice, ServeOptions
from millwright.deployment.realtime.serving_state import ServingState
from millwright.exports.bundle import put_bundle, read_bundle
from millwright.storage.catalog import open_stores

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from millwright.deployment.realtime.app import Receive, Scope, Send
    from millwright.deployment.realtime.served_model import ServedModel
    from millwright.storage.catalog import Stores

_PREDICTIONS = "MILLWRIGHT_PREDICTIONS"
_ALLOW_CODE = "MILLWRIGHT_MODELS__ALLOW_CODE"
_DRAIN_S = 10.0


class BundleApplication:
    """An ASGI application that answers for one model, and to those who begin and end it (`lifespan`).

    Args:
        app: Answers requests.
        log: Takes predictions; written out at the end. None for no log.
    """

    def __init__(self, app: RealtimeApp, log: PredictionLogWriter | None = None) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or take part in the beginning and the end (ASGI 3)."""
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        for event in ("startup", "shutdown"):
            await receive()
            if event == "shutdown" and self._log is not None:
                await asyncio.to_thread(self._log.close, _DRAIN_S)
            await send({"type": f"lifespan.{event}.complete"})


def bundle_application(
    folder: Path, *, max_requests: int = 1_000, environ: Mapping[str, str] = os.environ
) -> BundleApplication:
    """The ASGI application that answers for a bundle, loaded, tried on its example and warm.

    Args:
        folder: Where the bundle is.
        max_requests: Most predictions at once; what comes beyond is refused with status 503.
        environ: Says whether code is allowed, and where predictions are logged.

    Raises:
        ConfigurationError: A variable is none of what it may be.
        UnsafeArtifactError: The model is Python code, which is not allowed.
        NotFoundError, StoreVersionError: There is no bundle that reads.
        IntegrityError: It is damaged, or fails its self-test.
        MissingExtraError: A library of the extra `serve`, or of the model, is not installed.
    """
    served = _load(folder, allow_code=_is_allowed(environ.get(_ALLOW_CODE, "")))
    log = _open_log(environ.get(_PREDICTIONS, ""))
    limits = ServeOptions(models=(ServedChoice(served.ref),))
    state = ServingState(
        (ModelSlot(served.name, served),),
        clock=SystemClock(),
        stats=RequestStats(),
        log=log,
        max_rows=limits.max_rows,
    )
    return BundleApplication(RealtimeApp(state, admission=Admission(max_requests, limits.request_seconds)), log)


def _load(folder: Path, *, allow_code: bool) -> ServedModel:
    bundle = read_bundle(folder)
    with _temporary_stores() as stores:
        put_bundle(bundle, stores)
        return load_served(bundle.record, stores.artifacts, allow_code=allow_code)


def _open_log(url: str) -> PredictionLogWriter | None:
    if not url:
        return None
    with _temporary_stores(url) as stores:
        log = PredictionLogWriter(stores.predictions, LogOptions())
    log.start()
    return log


@contextmanager
def _temporary_stores(predictions_url: str = "") -> Iterator[Stores]:
    """Stores that last as long as the context, but for predictions where their place is given."""
    remove_abandoned_folders()
    place = new_temporary_folder("bundle")
    try:
        with closing(
            open_stores(
                records_url=f"sqlite:///{place / 'records.db'}",
                artifacts_url=str(place / "artifacts"),
                predictions_url=predictions_url or str(place / "predictions"),
            )
        ) as stores:
            yield stores
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _is_allowed(text: str) -> bool:
    """What a variable of the settings says: as there, `1`, `true`, `yes` or `on`, or their contraries."""
    if not text:
        return False
    try:
        return msgspec.convert(_SPELT.get(text.strip().lower(), text), bool, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigurationError(
            f"Expected {_ALLOW_CODE} to be true or false, found '{text[:100]}'.", hint=f"{_ALLOW_CODE}=true"
        ) from error


_SPELT = {"yes": "true", "on": "true", "no": "false", "off": "false"}

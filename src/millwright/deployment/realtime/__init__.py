"""Real-time serving: one process that answers the contracts of several protocols for a registered model.

The path of a prediction, six hops, each with its own work:

    RealtimeApp.__call__          routes, reads the body within its limit, adds the common headers
    → protocol handler            the contract: decodes the body to rows, encodes the answer
    → RowDecoder.plain | check    rows that fit the signature, or what is wrong with them
    → prediction.predict          ids and time
    → Predictor.predict_rows      the engine (`models`)
    → PredictionLogWriter.offer   the log, written by a thread of its own (or `commit`: before the answer)

The path of a swap: `SelectorWatcher.look` → `Resolver.resolve` (registry) → `loader.load_served` (loads, tries the
package's example rows, warms up) → `ModelSlot.current` → `EndpointPresence.update`.

Where later work goes: another contract is a module in `protocol/`; several models on one port are several slots;
splitting traffic chooses the served model in `ServingState.model`; another front end (gRPC) makes its own `Call`s and
uses the same `prediction.predict`; more processes share the listener.
"""

from __future__ import annotations

from millwright.deployment.realtime.client import PredictedRows, PredictionClient
from millwright.deployment.realtime.serve_options import ServedChoice, ServeOptions
from millwright.deployment.realtime.server import serve

__all__ = ["PredictedRows", "PredictionClient", "ServeOptions", "ServedChoice", "serve"]

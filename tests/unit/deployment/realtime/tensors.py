"""A served model over pictures: a real graph behind a real package."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from millwright.core.clock import ManualClock
from millwright.deployment.realtime.app import AppOptions, RealtimeApp
from millwright.deployment.realtime.model_slot import ModelSlot
from millwright.deployment.realtime.request_stats import RequestStats
from millwright.deployment.realtime.route import RouteOptions
from millwright.deployment.realtime.served_model import ServedModel
from millwright.deployment.realtime.serving_state import ServingState
from millwright.models.adoption import adopt
from millwright.models.package import load_predictor, pack, read_manifest
from unit.deployment.conftest import NOW, Serving, make_record
from unit.models.tensor_graphs import picture_graph, pictures

if TYPE_CHECKING:
    from millwright.deployment.realtime.log_writer import PredictionLogWriter

IMAGES = pictures(3)


@dataclass
class Pictures:
    """An application around the model, and what its graph answers to `IMAGES`."""

    serving: Serving
    expected: Any


def serve_pictures(*, log: PredictionLogWriter | None = None, sink: Any = None, **options: Any) -> Pictures:
    """Embeddings of pictures [2, 3, 4]; keyword arguments are those of `picture_graph`, and `classes`."""
    classes = options.pop("classes", ())
    model = adopt(picture_graph(**options), IMAGES, classes=classes, target="embedding")
    package = pack(model)
    predictor: Any = load_predictor(package)
    served = ServedModel(make_record(model.signature), predictor, example=tuple(read_manifest(package)["example"]))
    slot, clock = ModelSlot("site", served), ManualClock(NOW)
    state = ServingState((slot,), clock=clock, stats=RequestStats(), log=log, max_rows=100)
    routes = RouteOptions(predict_paths=("/vertex",))
    app = RealtimeApp(state, AppOptions(routes=routes))
    return Pictures(Serving(app, state, slot, predictor, sink, clock, log), model.estimator.compute({"image": IMAGES}))

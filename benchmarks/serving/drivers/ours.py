"""`mw serve`, with or without the prediction log."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from millwright.deployment.realtime.server import ServedChoice, ServeOptions, serve
from millwright.workspace.workspace import Workspace

folder, port, log = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "on"
selector = json.loads((folder / "ours.json").read_text(encoding="utf-8"))["selector"]
with Workspace.open(folder / "ours") as workspace:
    choice = ServedChoice(selector, f"late-{sys.argv[3]}")
    serve(
        ServeOptions(models=(choice,), port=port, log_predictions=log),
        stores=workspace.stores,
        registry=workspace.registry,
        clock=workspace.clock,
    )

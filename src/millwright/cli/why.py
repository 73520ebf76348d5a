"""`mw why` and `mw reproduce`: explain the past, and train it again."""

from __future__ import annotations

from typing import Annotated

import typer

from millwright.cli.option import AsJson, start


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("why")(why)
    app.command("reproduce")(reproduce)


def why(
    prediction: Annotated[str, typer.Argument(help="A prediction's id, as the server returned it.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show how a prediction came to be: model, run, data, code, environment, gates, approvals."""
    from millwright.core.ids import PredictionId
    from millwright.governance.why import explain_prediction

    workspace, out = start(as_json=as_json)
    with workspace:
        explanation = explain_prediction(PredictionId(prediction), stores=workspace.stores)
        for line in explanation.to_text():
            out.line(line)
        out.json(explanation)


def reproduce(
    model: Annotated[str, typer.Argument(help="name@version or name@alias.")], *, as_json: AsJson = False
) -> None:
    """Train a version again from its record, and say what differs."""
    from millwright.governance.reproduce import reproduce as train_again
    from millwright.models.package import PackageLoader

    workspace, out = start(as_json=as_json)
    with workspace:
        version = workspace.registry.resolve(model)
        loader = PackageLoader(allow_code=workspace.settings.models.allow_code)
        result = train_again(version, stores=workspace.stores, retrain=workspace.launcher.retrain, loader=loader)
        for line in result.to_text():
            out.line(line)
        out.json(result)
        if not result.same:
            raise typer.Exit(1)

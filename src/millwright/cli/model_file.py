"""`mw models register`: a model in a file of its library's own format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from millwright.cli.file import read_table
from millwright.cli.option import AsJson, column_names, start

if TYPE_CHECKING:
    from millwright.cli.console import Output
    from millwright.core.records.model import ModelVersionRecord

Int8: TypeAlias = Annotated[
    float | None,
    typer.Option(
        "--int8",
        metavar="TOLERANCE",
        min=0.0,
        help="Give a neural network's weights 8 bits if that changes probabilities on the sample by no more than this "
        "(numbers: relative to their spread), such as 0.01.",
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("register")(register_file)


def register_file(
    file: Annotated[Path, typer.Argument(help="ONNX, LightGBM's text, XGBoost's JSON, or scikit-learn's as skops.")],
    name: Annotated[str, typer.Argument(help="The registered model that gets a new version.")],
    *,
    sample: Annotated[str, typer.Option(help="A file or dataset with rows as callers send them.")],
    classes: Annotated[
        list[str] | None,
        typer.Option(help="Names of the classes, in the order of the probabilities, separated by commas."),
    ] = None,
    target: Annotated[str, typer.Option(help="Name of what is predicted.")] = "prediction",
    int8: Int8 = None,
    as_json: AsJson = False,
) -> None:
    """Register a model from a file; no pickle is read. Other models: see the guide "Bring a model"."""
    from millwright.models.adoption import adopt
    from millwright.models.model_file import read_model_file
    from millwright.registry.packaged import RegisterOptions, register_model

    workspace, out = start(as_json=as_json)
    with workspace:
        estimator, rows = read_model_file(file), read_table(workspace, sample)
        model = adopt(estimator, rows, classes=column_names(classes), target=target)
        options = RegisterOptions(int8_within=int8)
        version = register_model(
            model, name, sample=rows, registry=workspace.registry, stores=workspace.stores, options=options
        )
        tell_registered(version, out)


def tell_registered(version: ModelVersionRecord, out: Output) -> None:
    """What became of it, and what to do next."""
    from millwright.governance.evidence import quantized

    out.done(f"{version.ref} is registered: {version.flavor}, compilation {version.compilation['status']}.")
    out.line(f"{version.compilation['reason']}")
    if said := quantized(version.compilation):
        out.line(f"8-bit weights: {said}.")
    out.next(f"mw models show {version.ref}", f"mw serve {version.ref}")
    out.json(version)

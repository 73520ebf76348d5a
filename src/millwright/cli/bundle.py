"""Serving exported models: folders in the place of names."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from millwright.cli.option import start
from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from millwright.cli.console import Output
    from millwright.workspace.workspace import Workspace


class ServingPlace:
    """Where a server takes its models from.

    Args:
        workspace: Holds them.
        out: The output for the command.
        models: How they are called there.
        log_predictions: Whether there is a place for predictions that outlives the server.
        looks_up: Whether definitions of features are there, by which a server looks them up.
    """

    def __init__(
        self,
        workspace: Workspace,
        out: Output,
        *,
        models: tuple[str, ...],
        log_predictions: bool = True,
        looks_up: bool = True,
    ) -> None:
        self.workspace = workspace
        self.out = out
        self.models = models
        self.log_predictions = log_predictions
        self.looks_up = looks_up


def bundle_folder(word: str) -> Path | None:
    """The folder that a word names (`FOLDER` or `endpoint=FOLDER`) when an exported model is in it."""
    from millwright.exports.bundle import is_bundle

    for path in (word, word.partition("=")[2]):
        if path and is_bundle(Path(path)):
            return Path(path)
    return None


@contextmanager
def serving_place(words: Sequence[str], *, as_json: bool = False) -> Iterator[ServingPlace]:
    """The place to serve some models from.

    Of exported models it is a temporary workspace, which holds them alone. Settings by `MILLWRIGHT_…` variables hold,
    but for those that say where records and artifacts are; predictions are logged when `MILLWRIGHT_PREDICTIONS` says
    where.

    Args:
        words: As typed: registered models, or folders with exported ones. None means the folder we are in.
        as_json: Whether the result is printed as JSON.

    Raises:
        InvalidInputError: Both kinds are asked for at once, or nothing is and no exported model is here.
    """
    folders = [bundle_folder(word) for word in words or (".",)]
    if not words and folders[0] is None:
        raise InvalidInputError(
            "Expected a model to serve, found none named, and no exported one in this folder.",
            hint="Name one: mw serve NAME@ALIAS; mw models list shows them.",
        )
    if None not in folders:
        with _temporary(words or (".",), [each for each in folders if each is not None], as_json=as_json) as place:
            yield place
    elif any(folders):
        raise InvalidInputError(
            "Expected either registered models or folders with exported ones, found both.",
            hint="Serve them by two servers, or register what was exported.",
        )
    else:
        workspace, out = start(as_json=as_json)
        with workspace:
            yield ServingPlace(workspace, out, models=tuple(words))


@contextmanager
def _temporary(words: Sequence[str], folders: Sequence[Path], *, as_json: bool) -> Iterator[ServingPlace]:
    from millwright.cli.console import Output
    from millwright.core.temporary_folder import new_temporary_folder, remove_abandoned_folders
    from millwright.exports.bundle import put_bundle, read_bundle
    from millwright.workspace.workspace import Workspace

    out = Output(as_json=as_json)
    bundles = [read_bundle(folder) for folder in folders]
    remove_abandoned_folders()
    place = new_temporary_folder("bundle")
    try:
        overrides = {"store": f"sqlite:///{place / 'records.db'}", "artifacts": str(place / "artifacts")}
        with Workspace.open(place, overrides=overrides, progress=out.progress) as workspace:
            for bundle in sorted(bundles, key=lambda each: each.record.version):
                put_bundle(bundle, workspace.stores)
            yield ServingPlace(
                workspace,
                out,
                models=tuple(_renamed(word, each.record.ref) for word, each in zip(words, bundles, strict=True)),
                log_predictions=bool(workspace.settings.predictions),
                looks_up=False,
            )
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _renamed(word: str, ref: str) -> str:
    from millwright.exports.bundle import is_bundle

    endpoint, equals, _ = word.partition("=")
    return f"{endpoint}={ref}" if equals and not is_bundle(Path(word)) else ref

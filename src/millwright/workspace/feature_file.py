"""Definitions of features in a project's files: loaded, recorded with their code, and loaded again from that."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.core.ids import Digest
from millwright.core.records.code import CodeRecord
from millwright.data.features.definition import Definition
from millwright.pipelines.source import load_module, restore_code, snapshot_code

if TYPE_CHECKING:
    from millwright.core.records.feature import FeatureDefinitionRecord
    from millwright.data.features.applying import DefinitionChange
    from millwright.data.features.catalog import FeatureCatalog
    from millwright.storage.base import ArtifactStore


def load_definitions(path: str | Path) -> list[Definition]:
    """The definitions that stand in a file at its top level, those it imports included, in their order.

    Raises:
        NotFoundError: There is no such file.
        InvalidInputError: It is no Python, or holds no definition.
        PipelineDefinitionError: It raises when it is loaded; the message says in which line.
    """
    module, file = load_module(path)
    found = {id(value): value for value in vars(module).values() if isinstance(value, Definition)}
    if not found:
        raise InvalidInputError(
            f"'{file.name}' holds no definitions of features.",
            hint="Write some at its top level: history = mw.FeatureView('history', …).",
        )
    return list(found.values())


def apply_file(
    catalog: FeatureCatalog, path: str | Path, *, prune: bool = False, dry_run: bool = False, check_leaks: bool = True
) -> list[DefinitionChange]:
    """Record the definitions of a file, and keep its code when some of them are Python functions.

    Args:
        catalog: Where they are recorded.
        path: The file.
        prune: Whether to retire recorded ones that are not in it.
        dry_run: Only say what would change.
        check_leaks: Whether to try if transformations look ahead.

    Raises:
        NotFoundError: There is no such file.
        InvalidInputError: It is no Python, holds no definition, or they contradict something.
        PipelineDefinitionError: It raises when it is loaded.
    """
    definitions = load_definitions(path)
    origin = None
    if not dry_run and any(_is_function(one) for one in definitions):
        code = snapshot_code(Path(path).expanduser().resolve(), "", catalog.stores.artifacts)
        origin = {"snapshot": str(code.snapshot), "entrypoint": code.entrypoint.rpartition(":")[0]}
    return catalog.apply(definitions, prune=prune, dry_run=dry_run, check_leaks=check_leaks, origin=origin)


class KeptCode:
    """Loads definitions from the code that was kept with them; fits the catalogue's `CodeLoader`.

    Args:
        artifacts: Where the code is kept.
    """

    def __init__(self, artifacts: ArtifactStore) -> None:
        self._artifacts = artifacts

    def load(self, record: FeatureDefinitionRecord) -> list[Definition]:
        """All definitions of the file that a record came from, as it was then.

        Raises:
            NotFoundError: The code was not kept.
        """
        origin = record.definition.get("origin")
        if not origin:
            raise NotFoundError(
                f"The code of '{record.ref}' was not kept.", hint="Apply its file: mw features apply features.py"
            )
        code = CodeRecord(
            entrypoint=f"{origin['entrypoint']}:",
            snapshot=Digest(origin["snapshot"]),
            source_digest=Digest(origin["snapshot"]),
            git_commit=None,
            git_dirty=False,
        )
        with tempfile.TemporaryDirectory(prefix="millwright-features-") as folder:
            return load_definitions(restore_code(code, self._artifacts, Path(folder)))


def _is_function(definition: Definition) -> bool:
    return callable(getattr(definition, "transform", None))

"""Columns that declared monitors name, beside those of the model that answers, as far as it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.errors import ConfigurationError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Collection

    from millwright.automation.monitors import Declaration
    from millwright.core.records.model import ModelVersionRecord
    from millwright.models.signature import Signature
    from millwright.workspace.workspace import Workspace

_ALIAS = "champion"


def columns_problem(workspace: Workspace, declared: Declaration) -> ConfigurationError | None:
    """Which columns a declared monitor names that the model does not have, all of them at once.

    Args:
        workspace: Where endpoints and models are.
        declared: The monitor, with the settings of the project that hold for it.

    Returns:
        The error that says so, with the nearest names; None without any, and while the model is not there yet.
    """
    from millwright.models.signature import Signature
    from millwright.monitoring.named_columns import unknown_columns

    version = _version(workspace, declared)
    if version is None or not version.signature.get("inputs"):
        return None
    signature = Signature.from_json(version.signature)
    times = _times(workspace, declared, version, signature)
    problems = unknown_columns(declared.settings, signature, times=times)
    if not problems:
        return None
    said = f"The monitor '{declared.name}' names what {version.ref} does not have: {' '.join(problems)}"
    return ConfigurationError(said, hint=f"Correct it in [monitors.{declared.name}], or in [monitor].")


def _version(workspace: Workspace, declared: Declaration) -> ModelVersionRecord | None:
    """The version that answers, or that would: the champion of the model of the endpoint's name."""
    endpoint = workspace.stores.endpoints.find(declared.endpoint)
    model = endpoint.model if endpoint is not None else declared.endpoint
    follows = (endpoint.serving_version or endpoint.selector) if endpoint is not None else _ALIAS
    try:
        return workspace.registry.resolve(f"{model}@{declared.version or follows}")
    except NotFoundError:
        return None


def _times(
    workspace: Workspace, declared: Declaration, version: ModelVersionRecord, signature: Signature
) -> Collection[str] | None:
    """The columns of moments that the reference knows; None when none is asked for, or they cannot be told."""
    from millwright.monitoring.named_columns import dates_of
    from millwright.monitoring.reference import DOCUMENT, load_reference

    named, dates = declared.settings.season.column, dates_of(signature)
    if not named or named in dates:
        return None
    try:
        if "@" in declared.reference:
            return [column.name for column in workspace.datasets.get(declared.reference).record.columns]
        digest = version.documents.get(DOCUMENT)
        kept = load_reference(workspace.stores.artifacts.get(digest)).training.time if digest is not None else ""
    except NotFoundError:  # the check says so
        return None
    return [*dates, kept] if kept else dates

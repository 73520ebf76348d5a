"""Selectors: how people and programs say which version they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError, NotFoundError, closest
from millwright.registry.name import LATEST

if TYPE_CHECKING:
    from millwright.core.records.model import ModelVersionRecord
    from millwright.storage.base.models import ModelStore

DEFAULT_ALIAS = "champion"


def resolve(store: ModelStore, selector: str) -> ModelVersionRecord:
    """The version that a selector means at this moment.

    Args:
        store: Where to look.
        selector: `name@alias`, `name@3`, `name@latest` (the newest version), or `name`: the version that carries
            `champion`, else the newest.

    Raises:
        InvalidInputError: The selector is not of that form.
        NotFoundError: No such model, alias or version; the message names the closest.
    """
    # Clients of MLflow's wire may have put an @ into a name; none is in a version or an alias.
    name, separator, which = selector.rpartition("@")
    if not separator or store.find_model(selector) is not None:
        name, separator, which = selector, "", ""
    if not name or (separator and not which):
        raise InvalidInputError(
            f"Expected a model as name, name@alias or name@version, found {selector!r}.",
            hint=f"Write for example schedule-delay@{DEFAULT_ALIAS} or schedule-delay@3.",
        )
    if store.find_model(name) is None:
        known = [model.name for model in store.list_models()]
        hint = closest(name, known) or "Register one first: mw fit, or mw run with a register step."
        raise NotFoundError(f"There is no model '{name}'.", hint=hint)
    if which.isdecimal() and which.isascii():
        return store.get_version(name, int(which))
    alias = store.find_alias(name, which or DEFAULT_ALIAS)
    if alias is not None:
        return store.get_version(name, alias.version)
    if which not in {"", LATEST}:
        known = [record.alias for record in store.list_aliases(name)]
        hint = closest(which, known) or f"It has no aliases yet; write a version number, or {name}@{LATEST}."
        raise NotFoundError(f"The model '{name}' has no alias '{which}'.", hint=hint)
    versions = store.list_versions(name)
    if not versions:
        raise NotFoundError(f"The model '{name}' has no versions yet.", hint="Register one first.")
    return versions[0]

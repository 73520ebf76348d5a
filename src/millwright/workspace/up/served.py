"""Which models are served."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from millwright.core.errors import MillwrightError, NotFoundError
from millwright.core.process import is_dead, is_of_this_host
from millwright.workspace.location import store_urls
from millwright.workspace.up.supervisor import answers

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.records.prediction import EndpointRecord
    from millwright.workspace.workspace import Workspace

_ALIAS = "champion"
_KEPT_S = 2.0
_HEALTH = "/v2/health/live"


class Served:
    """The endpoints of a project: those that were served before, and those of every model that has a champion.

    An endpoint that another server answers at present is left to it. The record of one may tell of a server that is not
    there for this workspace: when the workspace is a copy, or its machine (a container) was replaced by another.

    Args:
        workspace: Where endpoints and models are.
        own_pid: Gives the process that serves for us; None while none does.
    """

    def __init__(self, workspace: Workspace, own_pid: Callable[[], int | None]) -> None:
        self._workspace = workspace
        self._own_pid = own_pid
        self._known: tuple[str, ...] = ()
        self._looked_at = float("-inf")

    def choices(self) -> tuple[str, ...]:
        """`endpoint=name@alias` for each, as `mw serve` takes them; looked up anew every two seconds.

        A choice that is served stays: what disappears from the store is not taken from those who ask it.
        """
        now = time.monotonic()
        if now - self._looked_at >= _KEPT_S:
            self._looked_at = now
            found = self._find()
            if set(found) - set(self._known):
                self._known = tuple(sorted({*self._known, *found}))
        return self._known

    def why_idle(self) -> str:
        """Why nothing is served, for people."""
        others = [record for record in self._workspace.stores.endpoints.list() if not self._is_free(record)]
        if not others:
            return "it waits for the first champion of a model"
        told = ", ".join(
            f"{record.name} at {record.url} (process {record.owner.rpartition(':')[0]})" for record in others
        )
        return f"another server answers already: {told}"

    def _find(self) -> list[str]:
        stores = self._workspace.stores
        records = stores.endpoints.list()
        wanted = {record.name: f"{record.model}@{record.selector}" for record in records if self._is_free(record)}
        taken = {record.model for record in records}
        for alias in stores.models.list_aliases():
            if alias.alias == _ALIAS and alias.name not in taken and alias.name not in wanted:
                wanted[alias.name] = f"{alias.name}@{_ALIAS}"
        return [f"{name}={selector}" for name, selector in wanted.items() if self._resolves(selector)]

    def _is_free(self, record: EndpointRecord) -> bool:
        pid = self._own_pid()
        ours = pid is not None and record.owner.rpartition(":")[0].endswith(f":{pid}")
        if not record.url or not record.owner or ours or is_dead(record.owner):
            return True
        # Records in a file of this folder: no server of another folder writes them, nor one of another machine that is
        # asked in vain.
        if not store_urls(self._workspace.folder, self._workspace.settings).records.startswith("sqlite:"):
            return False
        is_copy = record.settings.get("home") not in {None, str(self._workspace.folder)}
        return is_copy or (not is_of_this_host(record.owner) and not answers(record.url + _HEALTH))

    def _resolves(self, selector: str) -> bool:
        try:
            self._workspace.registry.resolve(selector)
        except NotFoundError:
            return False
        except MillwrightError:  # `mw serve` says what is wrong with it
            return True
        return True

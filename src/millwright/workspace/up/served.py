"""Which models are served."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from millwright.core.errors import MillwrightError, NotFoundError
from millwright.core.process import is_dead

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.records.prediction import EndpointRecord
    from millwright.workspace.workspace import Workspace

_ALIAS = "champion"
_KEPT_S = 2.0


class Served:
    """The endpoints of a project: those that were served before, and those of every model that has a champion.

    An endpoint that another server answers at present is left to it.

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
        return not record.url or not record.owner or ours or is_dead(record.owner)

    def _resolves(self, selector: str) -> bool:
        try:
            self._workspace.registry.resolve(selector)
        except NotFoundError:
            return False
        except MillwrightError:  # `mw serve` says what is wrong with it
            return True
        return True

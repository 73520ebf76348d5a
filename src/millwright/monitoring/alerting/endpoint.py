"""Endpoints and monitors that alerts may be of: a name that there is not is a slip, and must not look like peace."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError, NotFoundError, closest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.storage.catalog import Stores


def require_endpoint(stores: Stores, name: str) -> None:
    """See that there is such an endpoint, or that there was: predictions, alerts or reports of it.

    Raises:
        NotFoundError: There is nothing of that name; names the closest.
    """
    known = _known(stores)
    if name in known or _remembered(stores, name):
        return
    raise NotFoundError(f"There is no endpoint '{name}'.", hint=_hint(name, known))


def require_fitting(stores: Stores, pattern: str) -> None:
    """See that a name with `*` and `?`, as in file names, fits an endpoint.

    Raises:
        InvalidInputError: It fits none; names the closest.
    """
    known = _known(stores)
    if any(fnmatchcase(name, pattern) for name in known):
        return
    hint = f"{_hint(pattern, known)} One that is still to come can be silenced ahead (--ahead)."
    raise InvalidInputError(f"There is no endpoint '{pattern}'.", hint=hint)


def require_fitting_monitor(stores: Stores, pattern: str, *, endpoint: str, declared: Mapping[str, str]) -> None:
    """See that a name with `*` and `?` fits a monitor of an endpoint.

    Args:
        stores: Knows the monitors of alerts.
        pattern: What has to fit.
        endpoint: Of which endpoint, with `*` and `?`; of any when empty.
        declared: Endpoints by name of the monitor that is declared for them.

    Raises:
        InvalidInputError: It fits none; names the closest.
    """
    known = {(alert.endpoint, alert.monitor) for alert in stores.monitors.list_followed() if alert.monitor}
    known |= {(watched, name) for name, watched in declared.items()}
    names = {name for watched, name in known if fnmatchcase(watched, endpoint or "*")}
    if any(fnmatchcase(name, pattern) for name in names):
        return
    of = f" of '{endpoint}'" if endpoint else ""
    hint = f"{_hint(pattern, names)} One that is still to come can be silenced ahead (--ahead)."
    raise InvalidInputError(f"There is no monitor '{pattern}'{of}.", hint=hint)


def _known(stores: Stores) -> set[str]:
    there = (record.name for record in stores.endpoints.list())
    alerting = (alert.endpoint for alert in stores.monitors.list_followed())
    return {*there, *stores.predictions.list_endpoints(), *alerting}


def _remembered(stores: Stores, name: str) -> bool:
    """Whether there were alerts or reports of it: it may have been removed since."""
    return bool(stores.monitors.list_alerts(name, limit=1) or stores.monitors.list_reports(name, limit=1))


def _hint(name: str, known: set[str]) -> str:
    return closest(name, known) or "There is none yet."

"""Resources that only so many steps use at once, in all runs of a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError, closest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from millwright.pipelines.graph.node import Node
    from millwright.pipelines.runner.lease import LeaseKeeper


class Limits:
    """Takes and gives back places at resources.

    A place is a lease, so that a killed run gives its places back when its leases end.

    Args:
        places: Resource → how many steps may use it at once.
        leases: Of this run.
    """

    def __init__(self, places: Mapping[str, int], leases: LeaseKeeper) -> None:
        self._places = places
        self._leases = leases
        self._held: dict[str, list[str]] = {}

    def check(self, nodes: Iterable[Node]) -> None:
        """Whether all resources that steps name are known.

        Raises:
            InvalidInputError: One is not.
        """
        for node in nodes:
            for name in node.spec.options.limits:
                if name not in self._places:
                    raise InvalidInputError(
                        f"Step '{node.name}' is limited by '{name}', which the project does not know.",
                        hint=closest(name, self._places) or f"Say how many at once: [pipelines.limits] {name} = 2",
                    )

    def take(self, node: Node, owner: str) -> bool:
        """Take a place at each resource that a step uses; none is taken when one has none left.

        Args:
            node: The step.
            owner: Under which they are given back.
        """
        taken: list[str] = []
        for name in node.spec.options.limits:
            place = self._free(name)
            if place is None:
                for each in taken:
                    self._leases.release_name(each)
                return False
            taken.append(place)
        if taken:
            self._held[owner] = taken
        return True

    def give_back(self, owner: str) -> None:
        """Give back what was taken under an owner; nothing happens when that is nothing."""
        for place in self._held.pop(owner, ()):
            self._leases.release_name(place)

    def _free(self, name: str) -> str | None:
        held = {place for places in self._held.values() for place in places}
        names = (f"limit:{name}:{number}" for number in range(self._places[name]))
        return next((each for each in names if each not in held and self._leases.acquire_name(each)), None)

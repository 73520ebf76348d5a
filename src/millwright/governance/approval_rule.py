"""Whose approvals a version needs: how many, by people of which roles, and by others than those who made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.records.model import ApprovalRecord, ModelVersionRecord
    from millwright.registry.promotion import PromotionPolicy
    from millwright.storage.catalog import Stores


@dataclass(frozen=True, kw_only=True, slots=True)
class ApprovalRules:
    """What is asked of approvals.

    Attributes:
        needed: How many different people have to approve after the last refusal; 0 asks nobody.
        four_eyes: Whether those who registered or trained a version don't count.
        roles: An approver has to have one of these roles; anyone may approve when there are none.
    """

    needed: int = 0
    four_eyes: bool = False
    roles: Sequence[str] = ()


class ApprovalRulePolicy:
    """Asks another policy first, then for approvals; a `registry.PromotionPolicy`.

    Args:
        rules: What is asked.
        policy: Asked first; its objections stand.
        makers_of: Who registered and trained a version.
        roles_of: The roles that somebody has.
    """

    def __init__(
        self,
        rules: ApprovalRules,
        policy: PromotionPolicy,
        *,
        makers_of: Callable[[ModelVersionRecord], set[str]],
        roles_of: Callable[[str], set[str]],
    ) -> None:
        self._rules = rules
        self._policy = policy
        self._makers_of = makers_of
        self._roles_of = roles_of

    def check(self, version: ModelVersionRecord, alias: str, approvals: Sequence[ApprovalRecord]) -> list[str]:
        """See `registry.PromotionPolicy.check`."""
        objections = self._policy.check(version, alias, approvals)
        needed = max(self._rules.needed, int(self._rules.four_eyes))
        if not needed:
            return objections
        approvers, passed_over = self._count(version, approvals)
        if len(approvers) < needed:
            given = f"{len(approvers)} of {needed} approvals that count ({', '.join(sorted(approvers)) or 'nobody'})"
            objections = [*objections, f"It has {given}.", *passed_over]
        return objections

    def _count(self, version: ModelVersionRecord, approvals: Sequence[ApprovalRecord]) -> tuple[set[str], list[str]]:
        """Who approved, and why others who did don't count."""
        refusals = [at for at, decision in enumerate(approvals) if not decision.approved]
        actors = {decision.actor for decision in approvals[refusals[-1] + 1 if refusals else 0 :]}
        makers = self._makers_of(version) if self._rules.four_eyes else set()
        counted: set[str] = set()
        notes: list[str] = []
        for actor in sorted(actors):
            if actor in makers:
                notes.append(f"{actor} registered or trained it, so somebody else has to approve.")
            elif self._rules.roles and not self._roles_of(actor) & set(self._rules.roles):
                notes.append(f"{actor} has none of the roles {', '.join(self._rules.roles)}.")
            else:
                counted.add(actor)
        return counted, notes


def makers_of(stores: Stores) -> Callable[[ModelVersionRecord], set[str]]:
    """Finds who registered a version and who trained it: the user of its run, as `user:<name>`, too."""

    def found(version: ModelVersionRecord) -> set[str]:
        makers = {version.created_by}
        if version.run_id is not None:
            from millwright.core.errors import NotFoundError

            try:
                user = stores.runs.get_run(version.run_id).user
            except NotFoundError:
                user = ""
            makers |= {user, f"user:{user}"} if user else set()
        return makers

    return found


def roles_of(stores: Stores, project: str = "default") -> Callable[[str], set[str]]:
    """Finds the roles of an actor such as `user:ada`, as the accounts of the store tell."""

    def found(actor: str) -> set[str]:
        grants = stores.accounts.list_grants(actor.removeprefix("user:"))
        return {str(grant.role) for grant in grants if grant.project in {project, "*"}}

    return found

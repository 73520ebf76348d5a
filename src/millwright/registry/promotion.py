"""Who says whether a version may carry an alias."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.model import ApprovalRecord, ModelVersionRecord


class PromotionPolicy(Protocol):
    """Judges promotions; `governance` implements it, `workspace` joins it to the registry."""

    def check(self, version: ModelVersionRecord, alias: str, approvals: Sequence[ApprovalRecord]) -> list[str]:
        """What speaks against it.

        Args:
            version: The version to be promoted.
            alias: The alias it is to carry.
            approvals: Approvals and refusals of that version, oldest first.

        Returns:
            One sentence per objection; empty when it may go ahead.
        """
        ...

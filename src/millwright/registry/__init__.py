"""Registered models: versions with their evidence, decisions, and aliases that deployments follow.

Paths:

- register: `Registry.register` (checks, one transaction) → `ModelStore.create_version`, `LineageStore.add`,
  `AuditStore.append` → commit → event `model.registered`.
- promote: `Registry.promote` → `PromotionPolicy.check` → one transaction: `ModelStore.set_state`, `put_alias`,
  `AuditStore.append` → commit → event `model.promoted`.
- find: `Registry.resolve` → `selector.resolve` → `ModelStore`.
"""

from __future__ import annotations

from millwright.registry.draft import VersionDraft
from millwright.registry.promotion import PromotionPolicy
from millwright.registry.registry import Registry

__all__ = ["PromotionPolicy", "Registry", "VersionDraft"]

"""Secrets of steps: found by name when a step asks, and masked wherever something of the step is kept.

Path: `StepContext.secret` → `Secrets.get` (marks the value as secret) → `SecretProvider.find`.

What is masked: captured output, facts, lineage, parameters that a step logs, and the texts of errors. What a step
returns or writes to a file is its result, and is stored as it is.
"""

from __future__ import annotations

from millwright.pipelines.secrets.masks import MASK, Masks
from millwright.pipelines.secrets.provider import SecretProvider, SecretSource, open_provider
from millwright.pipelines.secrets.vault import Secrets

__all__ = ["MASK", "Masks", "SecretProvider", "SecretSource", "Secrets", "open_provider"]

"""Registered models, their versions, stages and aliases, and the webhooks that tell of them."""

from __future__ import annotations

"""Evaluation datasets and scorers."""

from __future__ import annotations

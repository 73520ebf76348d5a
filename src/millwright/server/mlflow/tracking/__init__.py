"""Experiments, runs with their metrics and links, and logged models."""

from __future__ import annotations

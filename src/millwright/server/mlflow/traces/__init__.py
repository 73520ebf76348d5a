"""Traces of both generations, their spans and assessments, and what OTLP sends."""

from __future__ import annotations

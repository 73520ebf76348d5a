"""The same requests to a stock MLflow server and to ours; what the answers differ in."""

from __future__ import annotations

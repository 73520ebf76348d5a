"""Deployment: registered models answer, in batches over files (`batch`) or over HTTP (`realtime`).

The modes do not know each other; what they share stands here: how rows that do not fit a signature are told. What
they predict meets monitoring in the prediction log record.
"""

from __future__ import annotations

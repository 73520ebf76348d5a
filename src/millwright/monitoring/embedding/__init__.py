"""Drift of tensors: embeddings, images, series, whatever a column holds one array of per row.

| module     | holds                                                                    |
|------------|--------------------------------------------------------------------------|
| `settings` | when tensors count as drifted                                            |
| `vector`   | arrays of any shape as vectors of one length                             |
| `distance` | shift and angle of the means, the maximum mean discrepancy and its test  |
| `drift`    | a window beside the reference                                            |

Path: `compare_tensors` → `tensor_vectors` → the distances, and the domain classifier of `joint`.
"""

from __future__ import annotations

from millwright.monitoring.embedding.drift import compare_tensors
from millwright.monitoring.embedding.settings import EmbeddingSettings

__all__ = ["EmbeddingSettings", "compare_tensors"]

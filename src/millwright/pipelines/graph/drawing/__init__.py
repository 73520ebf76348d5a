"""Draws a graph before anything runs.

| module     | holds                                                                                |
|------------|--------------------------------------------------------------------------------------|
| `sketch`   | what is drawn, whatever the format: shapes and the lines between them                 |
| `layers`   | which shape stands in which row, and in which order there                             |
| `place`    | how far from the left each shape stands                                               |
| `svg`      | a picture                                                                             |
| `channel`  | how lines run between two rows of boxes of characters                                 |
| `terminal` | boxes of characters, or a list where they would be too wide                           |
| `mermaid`  | a Mermaid flowchart                                                                   |
| `document` | the graph as JSON values                                                              |

Path: `Graph` → `sketch` → `arranged` → `placed` → `svg` or `terminal`.
"""

from __future__ import annotations

from millwright.pipelines.graph.drawing.document import document
from millwright.pipelines.graph.drawing.mermaid import mermaid
from millwright.pipelines.graph.drawing.sketch import Line, Shape, Sketch, sketch
from millwright.pipelines.graph.drawing.svg import svg
from millwright.pipelines.graph.drawing.terminal import Row, terminal

__all__ = ["Line", "Row", "Shape", "Sketch", "document", "mermaid", "sketch", "svg", "terminal"]

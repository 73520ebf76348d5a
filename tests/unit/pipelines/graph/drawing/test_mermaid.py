from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.pipelines.graph.drawing import Line, Shape, Sketch, mermaid, sketch

if TYPE_CHECKING:
    from millwright.pipelines.graph import Graph


def test_everything_is_drawn(graph: Graph) -> None:
    assert mermaid(sketch(graph)).splitlines() == [
        "---",
        'title: "everything"',
        "---",
        "flowchart TD",
        '    n0["load"]',
        '    n1["split"]',
        '    n2[["fit"]]',
        '    n3["judge"]',
        '    n4{"judge.passed?"}',
        '    n5["publish"]',
        '    n6["tell"]',
        '    n7["ask"]',
        '    n8["ask-2"]',
        '    n0 -->|"rows"| n1',
        '    n1 -->|"depot, rows"| n2',
        '    n2 -->|"models"| n3',
        '    n1 -->|"test"| n3',
        "    n3 --> n4",
        '    n4 -->|"yes"| n5',
        '    n2 -->|"models"| n5',
        '    n5 -->|"version"| n6',
        '    n4 -->|"no"| n7',
        "    n3 -.-> n8",
        '    subgraph failure["on failure"]',
        '        f0["clean_up"]',
        '        f1["alarm"]',
        "        f0 -.-> f1",
        "    end",
    ]


def test_names_end_no_text_and_begin_nothing() -> None:
    shapes = (Shape(key="a", text='"]; click n0 `x` #35; <b> {é}'), Shape(key="b", text="end"))
    drawn = Sketch(title='a "b" \\', params={}, shapes=shapes, lines=(Line(source="a", target="b", text="|"),))
    lines = mermaid(drawn).splitlines()
    assert lines[1] == 'title: "a \\"b\\" \\\\"'
    assert lines[4] == ('    n0["#34;#93;#59; click n0 #96;x#96; #35;35#59; #60;b#62; #123;é#125;"]')
    assert lines[6] == '    n0 -->|"#124;"| n1'

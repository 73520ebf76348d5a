from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

from millwright.deployment.realtime.protocol.form import render_form
from millwright.deployment.realtime.served_model import ServedModel
from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.signature import Signature
from millwright.models.task import Task


class Fields(HTMLParser):
    """The form's controls by column, each with its type and value."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, tuple[str, str]] = {}
        self.chosen = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        del tag
        given = dict(attrs)
        if "data-column" in given:
            self.chosen = given["data-column"]
            self.found[self.chosen] = (given["data-type"], given.get("value", ""))
        elif "selected" in given:
            self.found[self.chosen] = (self.found[self.chosen][0], "selected")


def test_form_has_a_field_for_each_column_filled_with_the_example(serving, complete_row, signature):
    found = Fields(serving.get("/").body.decode()).found
    assert {name: kind for name, (kind, _) in found.items()} == {
        column.name: column.type.value for column in signature.inputs
    }
    assert {name: value for name, (_, value) in found.items()} == {
        name: "selected" if value is True else str(value) for name, value in complete_row.items()
    }


def test_categories_are_offered(serving):
    page = serving.get("/").body.decode()
    assert re.search(r'<datalist id=field-3><option value="Queens"><option value="Bronx"></datalist>', page)


def test_only_the_pages_own_script_may_run(serving):
    response = serving.get("/")
    (script,) = re.findall(r"<script[^>]*>(.*?)</script>", response.body.decode(), re.DOTALL)
    digest = b64encode(sha256(script.encode()).digest()).decode()
    policy = response.headers["content-security-policy"]
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy


def test_names_cannot_break_out_of_a_field(serving):
    name = '"><script>alert(1)</script>'
    signature = Signature(
        inputs=(SignatureColumn(name=name, type=ColumnType.CATEGORY, categories=(name,)),),
        outputs=(SignatureColumn(name="prediction", type=ColumnType.NUMBER),),
        task=Task.REGRESSION,
        target="x",
    )
    form = render_form(ServedModel(serving.slot.current.record, type(serving.predictor)(signature)))
    assert "<script" not in form
    assert Fields(form).found == {name: ("category", name)}

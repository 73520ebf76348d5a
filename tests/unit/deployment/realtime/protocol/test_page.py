from __future__ import annotations

import json
import re
from html import unescape

from millwright.deployment.realtime.model_slot import ModelSlot
from millwright.deployment.realtime.protocol import all_routes
from millwright.deployment.realtime.protocol.page import render_page
from millwright.deployment.realtime.route import RouteOptions
from millwright.deployment.realtime.served_model import ServedModel
from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.signature import Signature
from millwright.models.task import Task


def test_page_lists_paths_columns_and_the_version(serving):
    response = serving.get("/", {"host": "models.example:80"})
    page = unescape(response.body.decode())
    assert response.headers["content-type"].startswith("text/html")
    assert all(route.path in page for route in all_routes(RouteOptions()))
    assert all(name in page for name in ("delay@1", "delayed", "crews", "Queens, Bronx", "0 to 90"))


def test_example_on_the_page_works(serving):
    page = unescape(serving.get("/", {"host": "models.example:80"}).body.decode())
    (host, path, body) = re.search(
        r"curl http://([^/]+)(/\S+) -H 'Content-Type: application/json' -d '([^']+)'", page
    ).groups()
    assert host == "models.example:80"
    assert serving.ask("POST", path, body.encode()).status == 200


def test_names_cannot_break_out_of_the_page_or_the_shell(serving):
    name = "<script>alert('x')</script>"
    signature = Signature(
        inputs=(SignatureColumn(name=name, type=ColumnType.CATEGORY, categories=("it's",)),),
        outputs=(SignatureColumn(name="prediction", type=ColumnType.NUMBER),),
        task=Task.REGRESSION,
        target=name,
    )
    predictor = type(serving.predictor)(signature)
    served = ServedModel(serving.slot.current.record, predictor)
    page = render_page(served, (), "host", {name: served})
    assert "<script>" not in page
    curl = unescape(re.search(r"<pre>(.*?)</pre>", page).group(1))
    quoted = curl.partition(" -d ")[2]
    assert json.loads(quoted[1:-1].replace("'\\''", "'")) == {name: "it's"}


def test_page_tells_of_each_model_how_to_ask_it(serving, make_served):
    serving.state.slots = (serving.slot, ModelSlot("other", make_served(7, "cost")))
    page = unescape(serving.get("/", {"host": "models.example:80"}).body.decode())
    assert "Also served: other (cost@7)" in page
    found = re.search(r"curl http://[^/]+(/v1/\S+) -H 'Content-Type: application/json' -d '([^']+)'", page)
    path, body = found.groups()
    answer = serving.ask("POST", path, body.encode())
    assert (answer.status, answer.headers["x-model-version"]) == (200, "cost@7")
    assert re.findall(r'data-path="([^"]+)"', page) == ["predict", path[1:]]
    assert "<a href=#model-1>other</a>" in page
    lists = re.findall(r"<datalist id=([\w-]+)>", page)
    assert lists == ["field-3", "model-1-field-3"]

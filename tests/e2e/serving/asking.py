"""Requests of every contract for one row, as they should be and as they should not."""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

JSON = {"content-type": "application/json"}
_DATATYPES = {bool: "BOOL", int: "INT64", float: "FP64", str: "BYTES"}
_ODD = (None, True, -1, 1e400, float("nan"), "", "☃" * 50, [], [[]], {}, {"a": {"b": []}}, 10**30, "NaN", "\x00")


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One request.

    Attributes:
        contract: Whose it is.
        is_good: Whether it is as it should be: then it is answered with 200.
    """

    contract: str
    path: str
    body: bytes = b""
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)
    is_good: bool = True


def good_requests(row: Mapping[str, Any], model: str) -> list[Asked]:
    """One of each contract.

    Args:
        row: A row that fits the model, without nulls.
        model: The endpoint's name.
    """
    values, names = list(row.values()), list(row)
    tensors = [
        {"name": name, "shape": [1], "datatype": _DATATYPES[type(value)], "data": [value]}
        for name, value in row.items()
    ]
    csv = ",".join(names) + "\n" + ",".join(map(str, values)) + "\n"

    def ask(contract: str, path: str, body: Any) -> Asked:
        return Asked(contract=contract, path=path, body=json.dumps(body).encode())

    return [
        ask("plain", "/predict", row),
        ask("plain rows", "/predict", [row, row]),
        ask("v2", f"/v2/models/{model}/infer", {"inputs": tensors}),
        ask("v1", f"/v1/models/{model}:predict", {"instances": [row]}),
        ask("split", "/invocations", {"dataframe_split": {"columns": names, "data": [values]}}),
        ask("records", "/invocations", {"dataframe_records": [row]}),
        ask("instances", "/invocations", {"instances": [row]}),
        ask("inputs", "/invocations", {"inputs": {name: [value] for name, value in row.items()}}),
        Asked(contract="csv", path="/invocations", body=csv.encode(), headers={"content-type": "text/csv"}),
        ask("azure", "/score", {"input_data": {"columns": names, "index": [0], "data": [values]}}),
        _binary(tensors, model),
        *(
            Asked(contract=path, path=path, method="GET", headers={})
            for path in ("/ping", "/v2", f"/v2/models/{model}")
        ),
    ]


def _binary(tensors: list[dict[str, Any]], model: str) -> Asked:
    """The tensors of numbers in binary form, the others as they are."""
    inputs, tail = [], b""
    for tensor in tensors:
        code = {"FP64": "<d", "INT64": "<q"}.get(tensor["datatype"])
        if code is None:
            inputs.append(tensor)
            continue
        data = struct.pack(code, *tensor["data"])
        kept = {name: tensor[name] for name in ("name", "shape", "datatype")}
        inputs.append({**kept, "parameters": {"binary_data_size": len(data)}})
        tail += data
    head = json.dumps({"inputs": inputs}).encode()
    headers = {"content-type": "application/octet-stream", "inference-header-content-length": str(len(head))}
    return Asked(contract="v2 binary", path=f"/v2/models/{model}/infer", body=head + tail, headers=headers)


def bad_requests(good: list[Asked], seed: int) -> Iterator[Asked]:
    """Each of them spoilt in one way: bytes, values, names, paths, headers; no two alike.

    Args:
        good: What `good_requests` gave.
        seed: Of the ways.
    """
    rng = random.Random(seed)
    for asked in good:
        mark = f"{seed:x}-{rng.getrandbits(48):x}"
        body, path, headers = asked.body, asked.path, dict(asked.headers)
        way = rng.choice(["bytes", "cut", "value", "path", "type", "length"])
        if way == "bytes" and body:
            place = rng.randrange(len(body))
            body = body[:place] + rng.randbytes(rng.randint(1, 9)) + body[place + 1 :]
        elif way == "cut":
            body = body[: rng.randrange(len(body) + 1)] + mark.encode()
        elif way == "value" and asked.headers == JSON:
            body = json.dumps(_spoilt(json.loads(body), rng, mark)).encode()
        elif way == "path":
            path = rng.choice(
                [f"/v2/models/{mark}/infer", f"/v1/models/{mark}:predict", f"/{mark}", f"{path}?explain={mark}"]
            )
        elif way == "type":
            headers["content-type"] = rng.choice(["text/plain", f"application/{mark}", "text/csv", "application/json"])
            headers["x-request-id"] = mark
        else:
            headers["inference-header-content-length"] = rng.choice(["0", "7", mark, "9" * 30])
            headers["x-routing-key"] = mark
        yield Asked(contract=asked.contract, path=path, body=body, method=asked.method, headers=headers, is_good=False)


def _spoilt(value: Any, rng: random.Random, mark: str) -> Any:
    """The same JSON with one value or name somewhere in it exchanged."""
    if isinstance(value, dict) and value and rng.random() < 0.8:
        name = rng.choice(list(value))
        if rng.random() < 0.3:
            return {**{key: each for key, each in value.items() if key != name}, mark: value[name]}
        return {**value, name: _spoilt(value[name], rng, mark)}
    if isinstance(value, list) and value and rng.random() < 0.8:
        place = rng.randrange(len(value))
        return [*value[:place], _spoilt(value[place], rng, mark), *value[place + 1 :]]
    return rng.choice([*_ODD, mark])

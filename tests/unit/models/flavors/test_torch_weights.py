from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from millwright.core.errors import InvalidInputError, UnsafeArtifactError
from millwright.models.adoption import adopt
from millwright.models.archive import read_archive, write_archive
from millwright.models.flavors.torch_weights import MEMBER, dump_weights, load_weights
from millwright.models.package import pack, unpack
from unit.models.numbers import numeric_rows

torch = pytest.importorskip("torch", reason="needs torch")
pytest.importorskip("onnxscript", reason="needs onnxscript")


def _module() -> Any:
    torch.manual_seed(0)
    # The exporter folds the normalisation into the layer before it, and leaves the last layer as it is.
    return torch.nn.Sequential(
        torch.nn.Linear(4, 16), torch.nn.BatchNorm1d(16), torch.nn.ReLU(), torch.nn.Linear(16, 1), torch.nn.Sigmoid()
    )


def _trained(module: Any, steps: int, *, seed: int) -> Any:
    rows = torch.from_numpy(np.random.default_rng(seed).normal(size=(64, 4)).astype(np.float32))
    goal = (rows[:, 0] > 0).float()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    module.train()
    for _ in range(steps):
        optimizer.zero_grad()
        torch.nn.functional.binary_cross_entropy(module(rows)[:, 0], goal).backward()
        optimizer.step()
    return module


def test_module_goes_on_from_a_package_exactly_as_it_would_have_gone_on() -> None:
    module = _trained(_module(), 5, seed=1)
    package = pack(adopt(module, numeric_rows(nulls=False), classes=("early", "late")))

    again = _module()
    again.load_state_dict(unpack(package).native())
    _trained(again, 5, seed=2)
    _trained(module, 5, seed=2)

    for name, value in module.state_dict().items():
        assert torch.equal(again.state_dict()[name], value), name


def test_weights_that_the_graph_holds_are_not_kept_twice() -> None:
    module = torch.nn.Sequential(torch.nn.Linear(4, 500), torch.nn.ReLU(), torch.nn.Linear(500, 500))
    model = adopt(module, np.zeros((3, 4), dtype=np.float32))

    assert len(model.estimator.weights) < 500
    found = model.native()
    assert all(torch.equal(found[name], value) for name, value in module.state_dict().items())


def test_weights_that_two_layers_share_and_small_types_are_kept() -> None:
    class Shared(torch.nn.Module):  # type: ignore[name-defined,misc]
        def __init__(self) -> None:
            super().__init__()
            self.one, self.other = torch.nn.Linear(4, 4), torch.nn.Linear(4, 4)
            self.other.weight = self.one.weight
            self.register_buffer("small", torch.ones(3, dtype=torch.bfloat16))

        def forward(self, rows: Any) -> Any:
            return self.other(self.one(rows))

    module = Shared()
    fresh = Shared()
    fresh.load_state_dict(unpack(pack(adopt(module, np.zeros((3, 4), dtype=np.float32)))).native())

    assert fresh.small.dtype == torch.bfloat16
    assert torch.equal(fresh.one.weight, module.one.weight)


def test_package_of_before_weights_were_kept_says_so() -> None:
    data = pack(adopt(_module(), numeric_rows(nulls=False), classes=("early", "late")))
    members = read_archive(data, what="a package")
    del members[MEMBER]
    manifest = json.loads(members["millwright.json"])
    del manifest["members"][MEMBER]
    members["millwright.json"] = json.dumps(manifest).encode()
    old = unpack(write_archive(members))

    with pytest.raises(InvalidInputError, match="packaged without its weights"):
        old.native()


@pytest.mark.parametrize("content", [b"", b"\xff" * 30, (2).to_bytes(8, "little") + b"[]"])
def test_weights_that_are_none_are_refused(content: bytes) -> None:
    with pytest.raises(UnsafeArtifactError, match="weights do not load"):
        load_weights(content, b"")


def test_weights_of_another_graph_are_refused() -> None:
    one, other = (torch.nn.Sequential(torch.nn.Linear(4, size), torch.nn.ReLU()) for size in (3, 3))
    graph = adopt(one, np.zeros((3, 4), dtype=np.float32)).estimator.content
    weights = dump_weights(one, graph)
    bare = adopt(torch.nn.Tanh(), np.zeros((3, 4), dtype=np.float32)).estimator.content

    assert set(load_weights(dump_weights(other, graph), graph)) == {"0.weight", "0.bias"}
    with pytest.raises(UnsafeArtifactError, match="KeyError"):
        load_weights(weights, bare)

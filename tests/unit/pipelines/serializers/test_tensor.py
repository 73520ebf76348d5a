"""Tensors: what does not need PyTorch always, the rest where it is installed (it has 2 GB)."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
import pytest

from millwright.core.errors import MissingExtraError
from millwright.pipelines.serializers.tensor import TensorSerializer, TensorsSerializer, is_tensor, read_tensors

ONE, MANY = TensorSerializer(), TensorsSerializer()


def test_other_values_are_not_its_own() -> None:
    assert not any(is_tensor(kind) for kind in (np.ndarray, dict, object))
    assert not any(MANY.holds(value) for value in ({}, {"a": np.zeros(1)}, {"a": 1}))
    assert not MANY.handles(dict)
    assert not MANY.promises(dict[str, np.ndarray])


def test_missing_library_is_told_with_its_extra() -> None:
    try:
        import safetensors.torch  # noqa: F401
    except ImportError:
        with pytest.raises(MissingExtraError, match=r"millwright\[torch\]"):
            read_tensors(b"")
    else:
        pytest.skip("safetensors is installed")


class TestWithTorch:
    @pytest.fixture(autouse=True)
    def torch(self) -> Any:
        pytest.importorskip("safetensors")
        return pytest.importorskip("torch")

    @pytest.mark.parametrize(
        "dtype", ["float32", "float64", "float16", "bfloat16", "float8_e4m3fn", "int8", "int64", "uint8", "bool",
                  "complex64"]
    )  # fmt: skip
    def test_tensor_comes_back(self, torch: Any, dtype: str) -> None:
        value = torch.arange(6).reshape(2, 3).to(getattr(torch, dtype))
        assert ONE.handles(type(value))
        found = ONE.loads(ONE.dumps(value), Any)
        assert (found.dtype, found.shape) == (value.dtype, value.shape)
        assert torch.equal(found.to(torch.complex128), value.to(torch.complex128))

    def test_state_of_a_module_comes_back_whatever_its_order(self, torch: Any) -> None:
        module = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
        state = module.state_dict()
        assert isinstance(state, OrderedDict)
        assert MANY.holds(state)
        data = MANY.dumps(state)
        found = MANY.loads(data, Any)
        assert list(found) == sorted(state)
        assert all(torch.equal(found[name], state[name]) for name in state)
        assert MANY.dumps(dict(reversed(state.items()))) == data == MANY.dumps(found)
        module.load_state_dict(found)

    def test_library_reads_the_file(self, torch: Any, tmp_path: Any) -> None:
        from safetensors.numpy import load_file

        path = tmp_path / "x.safetensors"
        path.write_bytes(MANY.dumps({"b": torch.ones(2), "a": torch.arange(3)}))
        found = load_file(path)
        assert {name: array.tolist() for name, array in found.items()} == {"a": [0, 1, 2], "b": [1.0, 1.0]}

    def test_memory_layout_leaves_no_trace(self, torch: Any) -> None:
        value = torch.arange(6.0).reshape(2, 3)
        data = ONE.dumps(value)
        assert ONE.dumps(value.T.contiguous().T) == data
        assert ONE.dumps(torch.nn.Parameter(value)) == data
        assert ONE.dumps(torch.cat([value, value])[:2]) == data

    def test_tied_weights_are_stored_each(self, torch: Any) -> None:
        weights = torch.ones(3)
        found = MANY.loads(MANY.dumps({"in": weights, "out": weights, "part": weights[:2]}), Any)
        assert {name: len(tensor) for name, tensor in found.items()} == {"in": 3, "out": 3, "part": 2}
        assert all(torch.equal(tensor, weights[: len(tensor)]) for tensor in found.values())

    def test_tensor_that_is_no_plain_numbers_is_refused(self, torch: Any) -> None:
        for value in (torch.eye(2).to_sparse(), torch.empty(2, device="meta")):
            with pytest.raises(TypeError, match="make it a dense one"):
                ONE.dumps(value)
        with pytest.raises(TypeError, match="no form in safetensors"):
            ONE.dumps(torch.zeros(1, dtype=torch.complex128))
        with pytest.raises(ValueError, match="a meaning of its own"):
            MANY.dumps({"__metadata__": torch.zeros(1)})

    def test_types_of_nothing_but_tensors_are_its_own(self, torch: Any) -> None:
        assert MANY.promises(dict[str, torch.Tensor])
        assert not MANY.promises(dict[str, Any])

    def test_shared_tensor_is_a_copy_without_gradients(self, torch: Any) -> None:
        value = torch.nn.Parameter(torch.zeros(2))
        shared = ONE.share(value)
        shared[0] = 9
        many = MANY.share({"b": value, "a": value})
        many["a"][0] = 9
        assert value.tolist() == [0, 0]
        assert (shared.requires_grad, list(many)) == (False, ["a", "b"])

"""A PyTorch module's weights beside its graph, so that a training can go on from them.

The exporter keeps most weights in the graph as they are, under their names; only those that it changed (transposed,
folded into others) and those that only training needs are written once more, as safetensors. Which are in the graph
stands in that file's metadata.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.core.errors import InvalidInputError, MissingExtraError, UnsafeArtifactError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MEMBER = "weights.safetensors"
_IN_GRAPH = "in_graph"  # the file's only key of metadata: several would come in any order
_EXTRA = "torch"


def dump_weights(module: Any, graph: bytes) -> bytes:
    """A module's state dict, without what its graph holds anyway; the same bytes for equal modules.

    Args:
        module: A `torch.nn.Module`. Of its state dict tensors are kept, in their own type, and nothing else.
        graph: Its ONNX graph.

    Raises:
        MissingExtraError: safetensors or onnx is not installed.
    """
    save = _safetensors().save
    tensors = {name: value for name, value in module.state_dict().items() if hasattr(value, "detach")}
    held = _constants(graph)
    in_graph = sorted(name for name, value in tensors.items() if _is_equal(value, held.get(name)))
    # Copies of their own: weights that share memory are written as often as they are named.
    others = {
        name: value.detach().cpu().contiguous().clone() for name, value in tensors.items() if name not in in_graph
    }
    content: bytes = save(others, metadata={_IN_GRAPH: json.dumps(in_graph)})
    return content


def load_weights(content: bytes, graph: bytes) -> dict[str, Any]:
    """The state dict that `dump_weights` was given; tensors that may be written to.

    Args:
        content: What `dump_weights` gave, or something that pretends to be.
        graph: The graph that it was given.

    Raises:
        UnsafeArtifactError: It is something else, or belongs to another graph.
        MissingExtraError: PyTorch, safetensors or onnx is not installed.
    """
    library = _safetensors()
    try:
        found: dict[str, Any] = dict(library.load(content))
        size = int.from_bytes(content[:8], "little")
        names = json.loads(json.loads(content[8 : 8 + size]).get("__metadata__", {}).get(_IN_GRAPH, "[]"))
        held = _constants(graph) if names else {}
        import torch

        found |= {str(name): torch.from_numpy(np.array(held[name])) for name in names}
    except MissingExtraError:
        raise
    except Exception as error:  # whatever a crafted file provokes
        raise UnsafeArtifactError(f"The package's weights do not load: {error!r}.") from error
    return found


def _is_equal(value: Any, held: NDArray[Any] | None) -> bool:
    """Whether a tensor of the graph is a weight, bit for bit."""
    try:
        own = value.detach().cpu().numpy()
    except TypeError:  # a type that NumPy does not have
        return False
    return held is not None and (held.dtype, held.shape, held.tobytes()) == (own.dtype, own.shape, own.tobytes())


def _constants(graph: bytes) -> dict[str, NDArray[Any]]:
    try:
        import onnx
        from onnx import numpy_helper
    except ImportError as error:
        raise MissingExtraError("onnx", _EXTRA) from error
    held = onnx.load_model_from_string(graph).graph.initializer
    return {each.name: numpy_helper.to_array(each) for each in held}


def _safetensors() -> Any:
    try:
        import safetensors.torch
    except ImportError as error:
        raise MissingExtraError("safetensors", _EXTRA) from error
    return safetensors.torch


def lacks_weights() -> InvalidInputError:
    """What is said of a package that was made before weights were kept."""
    return InvalidInputError(
        "The PyTorch model was packaged without its weights, only as a graph that answers.",
        hint="Train it from nothing once; what is registered now keeps them.",
    )

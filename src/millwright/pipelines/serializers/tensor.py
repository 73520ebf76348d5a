"""PyTorch's tensors as safetensors files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.core.errors import MissingExtraError
from millwright.pipelines.serializers.npz import named_values

if TYPE_CHECKING:
    from types import ModuleType

_ONLY = "tensor"  # the name of a tensor that is returned alone
_METADATA = "__metadata__"


class TensorsSerializer:
    """`dict[str, torch.Tensor]`, such as a model's state, as a safetensors file.

    What is kept is numbers: dtype, shape and values. Tensors come back on the CPU, without gradients, and those that
    shared memory have memory of their own.
    """

    name = "safetensors"
    library = "torch"

    def handles(self, value_type: type) -> bool:
        """Never: what a dictionary holds, its type does not tell."""
        del value_type
        return False

    def holds(self, value: Any) -> bool:
        """Whether it is a dictionary with at least one tensor, all of whose values are tensors, under text keys."""
        return bool(value) and all(type(name) is str and is_tensor(type(each)) for name, each in value.items())

    def promises(self, hint: Any) -> bool:
        """Whether it is `dict[str, torch.Tensor]` or the like."""
        return named_values(hint, is_tensor)

    def dumps(self, value: Any) -> bytes:
        """See `Serializer.dumps`; the order of the dictionary leaves no trace."""
        return write_tensors(value)

    def loads(self, data: bytes, annotation: Any) -> Any:
        """See `Serializer.loads`."""
        del annotation
        return read_tensors(data)

    def share(self, value: Any) -> Any:
        """A dictionary with a copy of each tensor, as it would come from the store."""
        return {name: value[name].detach().cpu().clone() for name in sorted(value)}


class TensorSerializer:
    """`torch.Tensor` as a safetensors file that holds it under the name `tensor`."""

    name = "tensor"
    library = "torch"

    def handles(self, value_type: type) -> bool:
        """Whether it is `torch.Tensor` or a parameter of a module."""
        return is_tensor(value_type)

    def dumps(self, value: Any) -> bytes:
        """See `Serializer.dumps`."""
        return write_tensors({_ONLY: value})

    def loads(self, data: bytes, annotation: Any) -> Any:
        """See `Serializer.loads`."""
        del annotation
        return read_tensors(data)[_ONLY]

    def share(self, value: Any) -> Any:
        """A copy, on the CPU and without gradients, as it would come from the store."""
        return value.detach().cpu().clone()


def is_tensor(value_type: type) -> bool:
    """Whether a type is PyTorch's tensor or parameter, without importing it."""
    return value_type.__module__.partition(".")[0] == "torch" and value_type.__name__ in {"Tensor", "Parameter"}


def write_tensors(tensors: dict[str, Any]) -> bytes:
    """Tensors under names as the bytes of a safetensors file; sorted, and without further facts.

    Raises:
        TypeError: A tensor is sparse, quantized or of a dtype that the format does not know.
        ValueError: A name that the format keeps for itself.
        MissingExtraError: The package safetensors is not installed.
    """
    torch_format = _safetensors()
    if _METADATA in tensors:
        raise ValueError(f"the name '{_METADATA}' has a meaning of its own in safetensors files")
    seen: set[int] = set()
    plain = {name: _plain(name, tensors[name], seen) for name in sorted(tensors)}
    try:
        written: bytes = torch_format.save(plain)
    except (KeyError, RuntimeError, ValueError) as error:
        raise TypeError(f"a tensor has no form in safetensors files: {error}") from error
    return written


def read_tensors(data: bytes) -> dict[str, Any]:
    """The tensors of a safetensors file, by name, in the order of names.

    Raises:
        MissingExtraError: The package safetensors is not installed.
    """
    found: dict[str, Any] = _safetensors().load(data)
    return {name: found[name] for name in sorted(found)}


def _safetensors() -> ModuleType:
    try:
        import safetensors.torch
    except ImportError as error:
        raise MissingExtraError("safetensors", "torch") from error
    module: ModuleType = safetensors.torch
    return module


def _plain(name: str, tensor: Any, seen: set[int]) -> Any:
    """A tensor as it is written: dense and contiguous, on the CPU, in memory that none of the others has."""
    import torch

    if tensor.layout != torch.strided or tensor.is_quantized or tensor.is_meta or tensor.is_nested:
        raise TypeError(f"the tensor '{name}' is sparse, quantized, nested or empty of memory; make it a dense one")
    own = tensor.detach().resolve_conj().resolve_neg().cpu().contiguous()
    memory = own.untyped_storage().data_ptr()
    if memory in seen:  # the format refuses what shares memory, as tied weights do
        return own.clone()
    seen.add(memory)
    return own

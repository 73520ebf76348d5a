"""A graph over pictures, registered with the shapes of what it takes and answers."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto, helper, numpy_helper

import millwright as mw
from millwright.models.adoption import adopt
from millwright.registry.packaged import register_model

weights = np.random.default_rng(0).normal(size=(3 * 32 * 32, 8)).astype(np.float32)
graph = helper.make_graph(
    [helper.make_node("Flatten", ["image"], ["flat"]), helper.make_node("MatMul", ["flat", "weights"], ["embedding"])],
    "pictures",
    [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, 32, 32])],
    [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 8])],
    [numpy_helper.from_array(weights, "weights")],
)
network = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)

# --8<-- [start:script]
images = np.random.default_rng(1).random((16, 3, 32, 32), dtype=np.float32)  # an example input, the rows in front

model = adopt(network, images, target="embedding")  # a torch.nn.Module likewise
for column in (*model.signature.inputs, *model.signature.outputs):
    print(column.name, column.dtype, column.shape)  # image float32 (3, 32, 32), prediction float32 (8,)
with mw.Workspace.open() as workspace:
    version = register_model(model, "pictures", sample=images, registry=workspace.registry, stores=workspace.stores)
# --8<-- [end:script]
assert [column.shape for column in (*model.signature.inputs, *model.signature.outputs)] == [(3, 32, 32), (8,)]
assert (version.ref, version.flavor) == ("pictures@1", "onnx")

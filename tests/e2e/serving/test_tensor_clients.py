"""Triton's clients, over HTTP and gRPC, ask a model over pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from unit.deployment.realtime.rpc.conftest import running
from unit.deployment.realtime.tensors import IMAGES, serve_pictures

if TYPE_CHECKING:
    from collections.abc import Iterator

grpc_client = pytest.importorskip("tritonclient.grpc", reason="needs tritonclient: pip install 'tritonclient[grpc]'")
http_client = pytest.importorskip("tritonclient.http", reason="needs tritonclient: pip install 'tritonclient[http]'")


@pytest.fixture(scope="module")
def served() -> Iterator[Any]:
    """A server, and what its model answers."""
    pictures = serve_pictures()
    with running(pictures.serving) as calling:
        yield calling, pictures.expected


@pytest.mark.parametrize("binary", [True, False])
def test_tritonclient_over_http(served, binary):
    calling, expected = served
    client = http_client.InferenceServerClient(calling.target)
    given = http_client.InferInput("image", list(IMAGES.shape), "FP32")
    given.set_data_from_numpy(IMAGES, binary_data=binary)
    wanted = [http_client.InferRequestedOutput("prediction", binary_data=binary)]
    found = client.infer("delay", [given], outputs=wanted).as_numpy("prediction")
    client.close()
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_tritonclient_over_grpc(served):
    calling, expected = served
    with grpc_client.InferenceServerClient(calling.target) as client:
        given = grpc_client.InferInput("image", list(IMAGES.shape), "FP32")
        given.set_data_from_numpy(IMAGES)
        found = client.infer("delay", [given]).as_numpy("prediction")
        metadata = client.get_model_metadata("delay")
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert list(metadata.inputs[0].shape) == [-1, 2, 3, 4]
    assert (metadata.outputs[0].datatype, list(metadata.outputs[0].shape)) == ("FP32", [-1, 5])


def test_contents_by_type_and_wrong_shapes(served):
    from millwright.deployment.realtime.rpc.message import ModelInferRequest

    calling, expected = served
    request = ModelInferRequest(model_name="delay")
    tensor = request.inputs.add(name="image", datatype="FP32", shape=list(IMAGES.shape))
    tensor.contents.fp32_contents.extend(IMAGES.reshape(-1).tolist())
    output = calling.call("ModelInfer", request).message.outputs[0]
    found = np.reshape(list(output.contents.fp32_contents), list(output.shape))
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    tensor.shape[:] = [3, 2, 4, 3]
    told = calling.call("ModelInfer", request)
    assert told.message is None
    assert "column 'image': expected a tensor of shape [2, 3, 4]" in told.details
    assert "found a tensor of shape [2, 4, 3]" in told.details

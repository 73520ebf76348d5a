from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from millwright.core.errors import InvalidInputError
from millwright.models.adoption import adopt
from millwright.models.compile.compilation import compile_model, quantize_model
from millwright.models.package import load_predictor, pack, read_manifest, unpack
from unit.models.numbers import matrix_of, numeric_rows

torch = pytest.importorskip("torch", reason="needs torch")
pytest.importorskip("onnxscript", reason="needs onnxscript")


def _module(outputs: int, *last: Any) -> Any:
    torch.manual_seed(0)
    layers = (torch.nn.Linear(4, 16), torch.nn.BatchNorm1d(16), torch.nn.ReLU(), torch.nn.Dropout(0.5))
    return torch.nn.Sequential(*layers, torch.nn.Linear(16, outputs), *last)


@pytest.mark.parametrize(
    ("module", "classes"),
    [
        (_module(1), ()),
        (_module(1, torch.nn.Sigmoid()), ("early", "late")),
        (_module(3, torch.nn.Softmax(dim=1)), ("a", "b", "c")),
    ],
    ids=["numbers", "two classes", "three classes"],
)
def test_module_answers_alike_without_pytorch(module: Any, classes: tuple[str, ...]) -> None:
    rows = numeric_rows(nulls=False)
    model = adopt(module, rows, classes=classes)
    with torch.no_grad():
        expected = module.eval()(torch.from_numpy(matrix_of(rows))).numpy()

    again = unpack(pack(model))
    found = again.compute(again.encoder.encode(rows, again.signature))

    np.testing.assert_allclose(
        found[:, 1:] if len(classes) == 2 else found.reshape(expected.shape), expected, atol=1e-5
    )
    assert load_predictor(pack(model)).engine == "torch"
    assert pack(again) == pack(model)
    assert read_manifest(pack(model))["libraries"]["torch"].startswith("2.")


def test_graph_tells_nothing_of_the_machine_that_wrote_it_and_the_module_keeps_its_mode() -> None:
    module = _module(1).train()

    content = adopt(module, numeric_rows(nulls=False)).estimator.content

    assert module.training
    assert b"torch/nn" not in content
    assert b".py" not in content


def test_module_that_branches_on_values_is_refused() -> None:
    class Branching(torch.nn.Module):  # type: ignore[name-defined,misc]
        def forward(self, rows: Any) -> Any:
            return rows[:, :1] if rows.sum() > 0 else -rows[:, :1]

    with pytest.raises(InvalidInputError, match="no ONNX form for 4 columns"):
        adopt(Branching(), numeric_rows(nulls=False))


def test_pictures_are_taken_in_any_size_that_is_said_to_be_open() -> None:
    torch.manual_seed(0)
    layers = (torch.nn.Conv2d(3, 8, 3, padding=1), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())
    module = torch.nn.Sequential(*layers).eval()
    images = np.random.default_rng(0).normal(size=(4, 3, 16, 16)).astype(np.float32)

    model = adopt(module, images, shapes={"input": (3, -1, -1)})

    assert [column.shape for column in (*model.signature.inputs, *model.signature.outputs)] == [(3, -1, -1), (8,)]
    small = images[:, :, :9, :7]
    rows = load_predictor(pack(model)).predict_rows([{"input": images[0]}, {"input": small[1].tolist()}])
    with torch.no_grad():
        expected = [module(torch.from_numpy(each)).numpy()[0] for each in (images[:1], small[1:2].copy())]
    np.testing.assert_allclose([row["prediction"] for row in rows], expected, atol=1e-5)


def test_layers_get_8_bit_weights_and_nothing_is_said_about_packages_that_are_not_used(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    rows = numeric_rows(nulls=False)

    model = adopt(_module(1), rows)
    compilation = quantize_model(model, compile_model(model, rows), rows, within=0.2)

    assert compilation.quantization is not None
    assert compilation.quantization.to_json()["status"] == "used", compilation.quantization.reason
    assert "".join(capfd.readouterr()) == ""
    assert [each.name for each in caplog.records if each.name.startswith("torch.onnx") and each.levelno > 10] == []

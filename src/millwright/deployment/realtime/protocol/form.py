"""A form with one field per column, to try a model in a browser; its script is ours, inline, and known by its hash."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING, Any

from millwright.deployment.realtime.protocol.example import example_row, is_short
from millwright.models.column import ColumnType
from millwright.models.policy import UnseenPolicy
from millwright.models.tensor.value import shown_shape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.deployment.realtime.served_model import ServedModel
    from millwright.models.signature import SignatureColumn

# Whatever is typed is sent: what is wrong with it is the server's to tell. An empty field is left out; it is null
# where the column has to be there and may be null.
SCRIPT = """
for (const form of document.querySelectorAll('form')) form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const answer = form.nextElementSibling, row = Object.create(null);
  for (const field of form.querySelectorAll('[data-column]')) {
    const text = field.value, type = field.dataset.type;
    if (text === '') {
      if (field.dataset.empty === 'null') row[field.dataset.column] = null;
      continue;
    }
    if (type === 'boolean') row[field.dataset.column] = text === 'true';
    else if (type === 'tensor') {
      try { row[field.dataset.column] = JSON.parse(text); } catch { row[field.dataset.column] = text; }
    }
    else if (type === 'number' || type === 'integer') row[field.dataset.column] = isNaN(text) ? text : Number(text);
    else row[field.dataset.column] = text;
  }
  answer.textContent = '…';
  const path = form.dataset.path, asked = path === 'predict' ? row : {instances: [row]};
  try {
    const response = await fetch(path, {
      method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(asked)
    });
    const body = JSON.stringify(await response.json(), null, 2);
    answer.textContent = `${response.status} · ${response.headers.get('x-model-version')}\\n${body}`;
  } catch (error) {
    answer.textContent = `No answer: ${error}`;
  }
});
"""

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; connect-src 'self'; form-action 'none'; base-uri 'none'; "
    f"script-src 'sha256-{b64encode(sha256(SCRIPT.encode()).digest()).decode()}'"
).encode()

STYLE = (
    "form{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:.6rem 1.2rem;margin:.5rem 0}"
    "form label{display:flex;flex-direction:column;font-size:13px}form button{grid-column:1/-1;justify-self:start;"
    "padding:.4rem 1.2rem;font:inherit}input,select,textarea{font:inherit;padding:.25rem .4rem;min-width:0}"
    ".answer:empty{display:none}"
)

_HINTS: Mapping[ColumnType, str] = {
    ColumnType.NUMBER: "inputmode=decimal",
    ColumnType.INTEGER: "inputmode=numeric",
    ColumnType.DATE: "placeholder=2026-01-31",
}


def render_form(served: ServedModel, *, path: str = "predict", name: str = "field") -> str:
    """The form, filled with an example, and where its answer is shown; `SCRIPT` sends it.

    Args:
        served: What is asked.
        path: Relative to the page: `predict`, or a path that takes `instances`.
        name: Another one for each form of a page.
    """
    row = example_row(served)
    is_closed = served.signature.unseen is UnseenPolicy.REFUSE
    fields = "".join(
        _field(f"{name}-{number}", column, row.get(column.name), is_closed=is_closed)
        for number, column in enumerate(served.asked)
    )
    return (
        f'<form autocomplete=off data-path="{escape(path)}">{fields}<button>Predict</button></form>'
        "<pre class=answer aria-live=polite></pre>"
    )


def render_script() -> str:
    """What sends the forms of a page, behind them."""
    return f"<script type=module>{SCRIPT}</script>"


def _field(name: str, column: SignatureColumn, value: Any, *, is_closed: bool) -> str:
    marks = f'data-column="{escape(column.name)}" data-type={column.type}'
    if column.required and column.nullable:
        marks += " data-empty=null"
    if column.type is ColumnType.BOOLEAN:
        control = _select(marks, [("", None), ("true", True), ("false", False)], value)
    elif column.type is ColumnType.CATEGORY and is_closed:
        control = _select(marks, [("", None), *((category, category) for category in column.categories)], value)
    elif column.type is ColumnType.TENSOR:
        shown = json.dumps(value) if is_short(value) else ""
        control = f'<textarea {marks} placeholder="nested lists">{escape(shown)}</textarea>'
    else:
        shown = "" if value is None else str(value)
        choices = "".join(f'<option value="{escape(category)}">' for category in column.categories)
        named = f" list={name}" if choices else ""
        control = f'<input {marks} value="{escape(shown)}" {_HINTS.get(column.type, "")}{named}>' + (
            f"<datalist id={name}>{choices}</datalist>" if choices else ""
        )
    return f"<label><span>{escape(column.name)} <small>{escape(_about(column))}</small></span>{control}</label>"


def _select(marks: str, options: Sequence[tuple[str, Any]], value: Any) -> str:
    shown = "".join(
        f"<option{' selected' if value is given or value == given else ''}>{escape(text)}</option>"
        for text, given in options
    )
    return f"<select {marks}>{shown}</select>"


def _about(column: SignatureColumn) -> str:
    """Its type, and what an empty field means."""
    kind = f"tensor {shown_shape(column.shape)} {column.dtype}" if column.shape else str(column.type)
    if column.required:
        return f"{kind}, empty for null" if column.nullable else kind
    default = "null" if column.default is None else str(column.default)
    return f"{kind}, may be empty" + ("" if default == "null" else f": then {default[:40]}")

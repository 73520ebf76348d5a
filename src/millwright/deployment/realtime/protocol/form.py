"""A form with one field per column, to try a model in a browser; its script is ours, inline, and known by its hash."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING, Any

from millwright.deployment.realtime.protocol.example import example_row
from millwright.models.column import ColumnType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.deployment.realtime.served_model import ServedModel
    from millwright.models.signature import SignatureColumn

# Whatever is typed is sent: what is wrong with it is the server's to tell. An empty field is left out.
SCRIPT = """
const answer = document.getElementById('answer');
document.querySelector('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const row = Object.create(null);
  for (const field of document.querySelectorAll('form [data-column]')) {
    const text = field.value, type = field.dataset.type;
    if (text === '') continue;
    if (type === 'boolean') row[field.dataset.column] = text === 'true';
    else if (type === 'number' || type === 'integer') row[field.dataset.column] = isNaN(text) ? text : Number(text);
    else row[field.dataset.column] = text;
  }
  answer.textContent = '…';
  try {
    const response = await fetch('predict', {
      method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(row)
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
    "padding:.4rem 1.2rem;font:inherit}input,select{font:inherit;padding:.25rem .4rem;min-width:0}"
    "#answer:empty{display:none}"
)

_HINTS: Mapping[ColumnType, str] = {
    ColumnType.NUMBER: "inputmode=decimal",
    ColumnType.INTEGER: "inputmode=numeric",
    ColumnType.DATE: "placeholder=2026-01-31",
}


def render_form(served: ServedModel) -> str:
    """The form, filled with an example, and where its answer is shown."""
    row = example_row(served)
    fields = "".join(_field(number, column, row.get(column.name)) for number, column in enumerate(served.asked))
    return (
        f"<form autocomplete=off>{fields}<button>Predict</button></form><pre id=answer aria-live=polite></pre>"
        f"<script type=module>{SCRIPT}</script>"
    )


def _field(number: int, column: SignatureColumn, value: Any) -> str:
    about = f"{column.type}" if column.required else f"{column.type}, may be empty"
    marks = f'data-column="{escape(column.name)}" data-type={column.type}'
    if column.type is ColumnType.BOOLEAN:
        options = "".join(
            f"<option{' selected' if value is given else ''}>{text}</option>"
            for text, given in (("", None), ("true", True), ("false", False))
        )
        control = f"<select {marks}>{options}</select>"
    else:
        shown = "" if value is None else str(value)
        choices = "".join(f'<option value="{escape(category)}">' for category in column.categories)
        named = f" list=list{number}" if choices else ""
        control = f'<input {marks} value="{escape(shown)}" {_HINTS.get(column.type, "")}{named}>' + (
            f"<datalist id=list{number}>{choices}</datalist>" if choices else ""
        )
    return f"<label><span>{escape(column.name)} <small>{about}</small></span>{control}</label>"

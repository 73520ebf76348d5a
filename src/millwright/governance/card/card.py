"""Model cards of registered versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.governance.card.content import gather_card
from millwright.governance.card.markdown import render_markdown
from millwright.governance.card.page import render_page

if TYPE_CHECKING:
    from millwright.core.records.model import ModelVersionRecord
    from millwright.storage.catalog import Stores


def card_markdown(version: ModelVersionRecord, *, stores: Stores) -> str:
    """The card of a version as Markdown.

    Raises:
        NotFoundError: There is no such version.
    """
    return render_markdown(gather_card(version, stores=stores))


def card_html(version: ModelVersionRecord, *, stores: Stores) -> str:
    """The card of a version as one self-contained HTML page.

    Raises:
        NotFoundError: There is no such version.
        MissingExtraError: plotly, which pages are made with, is not installed.
    """
    return render_page(gather_card(version, stores=stores))

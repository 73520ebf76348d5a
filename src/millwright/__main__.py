"""`python -m millwright`: the same as `mw`, when its folder is not on PATH."""

from __future__ import annotations

from millwright.cli.main import main

main()

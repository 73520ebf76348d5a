from __future__ import annotations

from typing import Any

from millwright.deployment.realtime.contract import Ask, Contract


def test_contract_holds_both_halves_and_what_is_asked():
    halves: Any = (object(), object())
    contract = Contract(*halves)
    assert (contract.read, contract.write) == halves
    ask = Ask([{"a": 1}], keys=["k"], shape="s")
    assert (ask.rows, ask.is_checked, ask.keys, ask.shape) == ([{"a": 1}], False, ["k"], "s")

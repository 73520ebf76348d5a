from __future__ import annotations


def test_prediction_shows_answer_features_model_and_gates(control):
    page = control.page(f"/predictions/{control.prediction}")
    assert "What really happened" in page
    assert "load" in page
    assert "Version late-visit@1" in page
    assert "Its aliases then champion" in page
    assert "Trained on visits@1" in page
    assert f"mw why {control.prediction}" in page


def test_form_leads_to_the_prediction(control):
    answer = control.get(f"/predictions?id=%20{control.prediction}%20")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/predictions/{control.prediction}"


def test_form_leads_nowhere_else(control):
    answer = control.get("/predictions?id=//evil.example/x")
    assert answer.headers["location"] == "/predictions/%2F%2Fevil.example%2Fx"

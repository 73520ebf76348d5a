from __future__ import annotations

from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from millwright.deployment.realtime.admission import Admission
from millwright.deployment.realtime.request_stats import BUCKETS
from millwright.deployment.realtime.telemetry.access_log import AccessLog
from millwright.deployment.realtime.telemetry.telemetry import Telemetry


def scrape(serving):
    text = serving.get("/metrics").body.decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_requests_and_predictions_are_counted(serving, row):
    serving.post("/predict", [row, row])
    serving.post("/predict", {"days": "x"})
    serving.get("/nowhere")
    samples = scrape(serving)
    labels = (("method", "POST"), ("route", "predict"), ("status", "200"))
    assert samples[("millwright_requests_total", labels)] == 1
    assert samples[("millwright_request_duration_seconds_count", labels)] == 1
    assert samples[("millwright_request_duration_seconds_bucket", (("le", "+Inf"), *labels))] == 1
    assert samples[("millwright_request_duration_seconds_bucket", (("le", str(BUCKETS[-1])), *labels))] == 1
    refused = (("method", "POST"), ("route", "predict"), ("status", "422"))
    assert samples[("millwright_requests_total", refused)] == 1
    unknown = (("method", "GET"), ("route", "none"), ("status", "404"))
    assert samples[("millwright_requests_total", unknown)] == 1
    assert samples[("millwright_predictions_total", (("model", "delay"), ("version", "1")))] == 2
    assert samples[("millwright_requests_in_flight", ())] == 1


def test_model_and_refused_version_are_told(serving):
    serving.slot.swaps.swapped = 2
    serving.slot.swaps.refused_ref = "delay@2"
    samples = scrape(serving)
    model = (("endpoint", "site"), ("engine", "stub"), ("model", "delay"), ("version", "1"))
    assert samples[("millwright_model_info", model)] == 1
    assert samples[("millwright_model_refused_info", (("endpoint", "site"), ("version", "delay@2")))] == 1
    assert samples[("millwright_model_swaps_total", (("endpoint", "site"), ("outcome", "swapped")))] == 2


def test_log_is_told(serving, row):
    serving.post("/predict", row)
    serving.close()
    samples = scrape(serving)
    assert samples[("millwright_prediction_log_rows_total", (("outcome", "written"),))] == 1
    assert samples[("millwright_prediction_log_rows_total", (("outcome", "shed"),))] == 0
    assert samples[("millwright_prediction_log_queued_rows", ())] == 0


def test_open_metrics_are_answered_to_who_asks_for_them(serving):
    response = serving.get("/metrics", {"accept": "application/openmetrics-text"})
    assert response.headers["content-type"].startswith("application/openmetrics-text")
    assert response.body.endswith(b"# EOF\n")
    families = openmetrics.text_string_to_metric_families(response.body.decode())  # it refuses a family told twice
    assert "millwright_batch_rows" in {family.name for family in families}


def test_sizes_of_requests_are_counted(serving, row):
    serving.post("/predict", row)
    serving.post("/predict", [row] * 3)
    samples = scrape(serving)
    assert samples[("millwright_request_rows_bucket", (("le", "1"),))] == 1
    assert samples[("millwright_request_rows_bucket", (("le", "4"),))] == 2
    assert samples[("millwright_request_rows_sum", ())] == 4
    assert samples[("millwright_request_rows_count", ())] == 2


def test_requests_beyond_what_is_taken_on_are_counted_by_their_code(make_serving, row):
    serving = make_serving()
    serving.app.admission = Admission(0)
    serving.app.admission.tasks = {object()}
    assert serving.post("/predict", row).status == 503
    assert scrape(serving)[("millwright_errors_total", (("code", "overloaded"), ("route", "predict")))] == 1


def test_what_telemetry_dropped_is_told(serving, tmp_path):
    log = AccessLog(str(tmp_path / "a.log"))
    serving.state.observers = (Telemetry(None, log),)
    log.background.shed = 3
    samples = scrape(serving)
    assert samples[("millwright_telemetry_dropped_total", (("part", "access_log"), ("reason", "shed")))] == 3
    assert samples[("millwright_telemetry_dropped_total", (("part", "access_log"), ("reason", "lost")))] == 0
    log.close()


def test_values_that_the_signature_refuses_are_counted_by_column(serving, row):
    column = next(name for name, value in row.items() if isinstance(value, float))
    for _ in range(2):
        assert serving.post("/predict", row | {column: "ten"}).status == 422
    labels = (("column", column), ("endpoint", "site"), ("expected", "a finite number"), ("found", "text"))
    assert scrape(serving)[("millwright_refused_values_total", labels)] == 2

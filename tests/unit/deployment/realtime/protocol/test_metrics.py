from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from millwright.deployment.realtime.request_stats import BUCKETS


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

"""OpenTelemetry's own exporter and MLflow's own client send spans to a real server."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from e2e.mlflow.test_tracking import client_of

if TYPE_CHECKING:
    from e2e.workplace import Workplace

mlflow = pytest.importorskip("mlflow", reason="needs mlflow")
pytestmark = pytest.mark.filterwarnings("ignore")  # warnings of the client are the client's


@pytest.mark.slow
def test_decorated_functions_leave_traces(workplace: Workplace) -> None:
    with client_of(workplace) as client:
        experiment = client.create_experiment("asked")
        mlflow.set_experiment(experiment_id=experiment)

        @mlflow.trace(span_type="LLM")
        def answer(question: str) -> str:
            mlflow.update_current_trace(metadata={"mlflow.trace.session": "s1"}, tags={"shop": "a"})
            span = mlflow.get_current_active_span()
            span.set_attribute("mlflow.chat.tokenUsage", {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7})
            if question == "?":
                raise ValueError("No question.")
            return question.upper()

        @mlflow.trace(name="chat")
        def chat(question: str) -> dict[str, str]:
            return {"said": answer(question)}

        assert chat("how") == {"said": "HOW"}
        with pytest.raises(ValueError, match="No question"):
            chat("?")
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(chat, [str(number) for number in range(20)]))
        mlflow.flush_trace_async_logging()
        traces = mlflow.search_traces(locations=[experiment], return_type="list", max_results=100)
        assert len(traces) == 22
        by_question = {json.loads(trace.data.request)["question"]: trace for trace in traces}
        good, bad = by_question["how"], by_question["?"]
        assert good.info.state.value == "OK"
        assert bad.info.state.value == "ERROR"
        assert good.info.tags["mlflow.traceName"] == "chat"
        assert good.info.tags["shop"] == "a"
        assert good.info.request_preview == '{"question": "how"}'
        assert json.loads(good.data.response) == {"said": "HOW"}
        assert good.info.token_usage == {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}
        whole = mlflow.get_trace(good.info.trace_id)
        spans = {span.name: span for span in whole.data.spans}
        assert spans["answer"].parent_id == spans["chat"].span_id
        assert spans["answer"].span_type == "LLM"
        assert spans["answer"].inputs == {"question": "how"}
        failed = {span.name: span for span in mlflow.get_trace(bad.info.trace_id).data.spans}["answer"]
        assert failed.status.status_code.value == "ERROR"
        assert failed.events[0].attributes["exception.message"] == "No question."


@pytest.mark.slow
def test_exporter_of_opentelemetry_sends_spans(workplace: Workplace) -> None:
    exporter = pytest.importorskip("opentelemetry.exporter.otlp.proto.http.trace_exporter", reason="needs its exporter")
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    with client_of(workplace) as client:
        experiment = client.create_experiment("exported")
        sender = exporter.OTLPSpanExporter(
            endpoint=f"{client.tracking_uri}/v1/traces",
            headers={"x-mlflow-experiment-id": experiment},
            compression=exporter.Compression.Gzip,
        )
        provider = TracerProvider(resource=Resource.create({"service.name": "shop"}))
        provider.add_span_processor(BatchSpanProcessor(sender))
        tracer = provider.get_tracer("test")
        for number in range(50):
            order = tracer.start_as_current_span("order", attributes={"user.id": f"u{number}"})
            with order, tracer.start_as_current_span("pay") as inner:
                inner.set_attribute("gen_ai.operation.name", "chat")
                inner.set_attribute("gen_ai.usage.input_tokens", 5)
                inner.set_attribute("gen_ai.usage.output_tokens", 6)
                inner.add_event("paid", {"sums": [1.5, 2.0]})
        assert provider.force_flush()
        provider.shutdown()
        traces = client.search_traces(locations=[experiment], max_results=100)
        assert len(traces) == 50
        trace = traces[0]
        assert trace.info.state.value == "OK"
        assert trace.info.tags["service.name"] == "shop"
        assert trace.info.token_usage == {"input_tokens": 5, "output_tokens": 6, "total_tokens": 11}
        pay = next(span for span in trace.data.spans if span.name == "pay")
        assert pay.span_type == "CHAT_MODEL"
        assert pay.get_attribute("gen_ai.usage.input_tokens") == 5
        assert list(pay.events[0].attributes["sums"]) == [1.5, 2.0]

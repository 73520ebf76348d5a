"""What a server tells of its requests, off the hot path: an access log, and traces.

| module | |
|---|---|
| `trace_parent` | which trace a request belongs to |
| `background` | takes what is told of requests, and hands it on in batches |
| `access_log` | one JSON line per request |
| `append_file` | a file that others may rotate |
| `tracing` | one OpenTelemetry span per request |
| `span_attribute` | what a span says, by OpenTelemetry's conventions |
| `telemetry` | which of these a server has |
"""

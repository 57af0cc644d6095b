"""Traces of requests, statements and jobs by OpenTelemetry, if `OTEL_EXPORTER_OTLP_ENDPOINT` is set."""

"""Registers traces, if they are switched on. Otherwise OpenTelemetry is not imported."""

from __future__ import annotations

from webapp.settings import SettingsError
from webapp.web.api import App


def register(app: App) -> None:
    if not app.settings.otel_exporter_otlp_endpoint:
        return
    try:
        from webapp.tracing.app_traces import trace_app  # noqa: PLC0415  OpenTelemetry: an extra, takes 0.2 s
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"OTEL_EXPORTER_OTLP_ENDPOINT needs the library {error.name}."
            " Install requirements-tracing.txt, or rollcall[tracing]."
        ) from None
    trace_app(app)

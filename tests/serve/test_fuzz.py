"""schemathesis sends a few valid and wrong requests to every operation. `make fuzz` sends many."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz import fuzz, fuzzed_server


def test_answers_are_as_described(tmp_path: Path) -> None:
    options = ["--phases", "examples,fuzzing", "--max-examples", "3", "--max-time", "12", "--no-shrink"]
    with fuzzed_server("sqlite", tmp_path) as (server, token):
        assert fuzz(server, token, [*options, "--generation-deterministic"]) == 0
        assert "Traceback" not in server.output_text

"""The version of Rollcall, in one place. `pyproject.toml` reads it for the wheel, `make release` for file names."""

VERSION = "0.1.0"

"""Reads files for the tests."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from webapp.attributes.models import Attribute, Kind
from webapp.imports.files import read_rows, recognise
from webapp.imports.files.info import FileInfo
from webapp.imports.files.mapping import Mapping
from webapp.imports.rows import PersonRow

DATA = Path(__file__).parent / "data"


def attribute(key: str, kind: Kind = Kind.TEXT, label_en: str = "", label_ru: str = "") -> Attribute:
    return Attribute(key=key, kind=kind, label_en=label_en or key.title(), label_ru=label_ru)


def recognised(content: bytes | str, **options: Any) -> FileInfo:
    """Return the info of a file after it was stored as JSON."""
    content = content.encode() if isinstance(content, str) else content
    return FileInfo.from_json(json.loads(json.dumps(recognise(io.BytesIO(content), **options).to_json())))


def rows_of(content: bytes | str, mapping: Mapping | None = None, **options: Any) -> list[PersonRow]:
    content = content.encode() if isinstance(content, str) else content
    info = recognised(content, **options)
    return list(read_rows(io.BytesIO(content), info, mapping or info.mapping))


def targets(info: FileInfo) -> dict[str, str]:
    """Return heading → field, without ignored columns."""
    return {column.heading: column.target for column in info.mapping.columns if column.target != "ignore"}

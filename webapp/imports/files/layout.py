"""Where the records of a file are, and what their columns are called."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """`container`: csv, tsv, xlsx, json, jsonl or ldif. `first_row`, `delimiter`, `part`: as in FileInfo."""

    container: str
    headings: tuple[str, ...]
    first_row: int = 1
    delimiter: str = ""
    part: str = ""
    notes: tuple[str, ...] = ()

"""Texts of the pages of each kind."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PageTexts:
    """Texts about one row have the placeholder `name`, and `paused_by_rollcall` has `day`."""

    one: str
    all: str
    new: str
    edit: str
    delete: str
    deletion: str
    created: str
    paused: str
    resumed: str
    deleted: str
    running: str
    no_runs: str
    paused_by_rollcall: str

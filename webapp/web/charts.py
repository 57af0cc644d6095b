"""Coordinates of bars beside numbers, in percent of the bar's width, as components/chart.html prints them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ShareBar:
    x: float
    width: float


def share_bar(share: float, *, right_to_left: bool) -> ShareBar:
    """Return a bar that covers `share` (0 to 1) of its width, from the side where reading starts."""
    width = round(min(max(share, 0), 1) * 100, 2)
    return ShareBar(round(100 - width, 2) if right_to_left else 0, width)

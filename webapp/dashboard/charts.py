"""Coordinates of the dashboard's charts, in percent of their width and height, as components/chart.html prints them.

Percents let a chart adapt to the width of the window, while text and lines keep their size.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count, pairwise
from math import ceil

from webapp.dashboard.growth import Week
from webapp.dashboard.sign_ins import Day

STEPS_MAX = 5
BAR_WIDTH_MAX = 5
BAR_TO_COLUMN = 0.6
# Every fifth week has a label, counted from the last one. A narrow window shows every tenth.
LABEL_EVERY = 5
NARROW_LABEL_EVERY = 10


@dataclass(frozen=True)
class Tick:
    """A horizontal grid line. `value` has no sign, because the label counts people on both sides of zero."""

    y: float
    value: int
    zero: bool


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Column:
    """One week. `new` goes up from zero, `deactivated` goes down. A bar of no people is None."""

    week: Week
    x: float
    width: float
    new: Bar | None
    deactivated: Bar | None


@dataclass(frozen=True)
class Point:
    x: float
    y: float


@dataclass(frozen=True)
class DateLabel:
    """`wide_only` labels are hidden in a narrow window."""

    x: float
    day: date
    wide_only: bool


@dataclass(frozen=True)
class GrowthChart:
    """`average` is a path as pairs of points, because an SVG path cannot use percents."""

    ticks: list[Tick]
    columns: list[Column]
    average: list[tuple[Point, Point]]
    last_average: Point
    labels: list[DateLabel]


@dataclass(frozen=True)
class _Axis:
    """The vertical axis: `above` steps over zero, `below` steps under it. A step is a number of people."""

    step: int
    above: int
    below: int

    @property
    def zero(self) -> float:
        return self.above * self.step * self._unit

    @property
    def _unit(self) -> float:
        return 100 / ((self.above + self.below) * self.step)

    def y(self, people: float) -> float:
        """Return the distance from the top of the chart."""
        return round(self.zero - people * self._unit, 2)

    def height(self, people: int) -> float:
        return round(people * self._unit, 2)

    def ticks(self) -> Iterator[Tick]:
        for line in range(self.above, -self.below - 1, -1):
            yield Tick(self.y(line * self.step), abs(line * self.step), line == 0)


@dataclass(frozen=True)
class DayBar:
    """A day. `column` is its full-height area, `bar` is None on a day without sign-ins."""

    day: Day
    column: Bar
    bar: Bar | None


def day_bars(days: list[Day], *, right_to_left: bool) -> list[DayBar]:
    """Return the bars of `days`, oldest first. The highest one has the full height."""
    width, largest = 100 / len(days), max(1, *(day.sign_ins for day in days))
    bars = []
    for number, day in enumerate(days):
        x = width * (len(days) - 1 - number if right_to_left else number)
        height = 100 * day.sign_ins / largest
        column = Bar(round(x, 3), 0, round(width, 3), 100)
        bar = Bar(round(x + width * 0.15, 3), round(100 - height, 2), round(width * 0.7, 3), round(height, 2))
        bars.append(DayBar(day, column, bar if day.sign_ins else None))
    return bars


def growth_chart(weeks: list[Week], *, right_to_left: bool) -> GrowthChart:
    """Return the chart of `weeks`, oldest first. The oldest week is on the side where reading starts."""
    axis = _axis(weeks)
    width = 100 / len(weeks)
    middles = [(number + 0.5) * width for number in range(len(weeks))]
    if right_to_left:
        middles = [100 - middle for middle in middles]
    points = [Point(round(x, 3), axis.y(week.average)) for x, week in zip(middles, weeks, strict=True)]
    return GrowthChart(
        ticks=list(axis.ticks()),
        columns=[_column(week, x, width, axis) for x, week in zip(middles, weeks, strict=True)],
        average=list(pairwise(points)),
        last_average=points[-1],
        labels=list(_labels(weeks, middles)),
    )


def _axis(weeks: list[Week]) -> _Axis:
    above = max(1, *(max(week.new, week.average) for week in weeks))
    below = max(week.deactivated for week in weeks)
    step = next(step for step in _round_numbers() if (above + below) / step <= STEPS_MAX)
    return _Axis(step, ceil(above / step), ceil(below / step))


def _round_numbers() -> Iterator[int]:
    """1, 2, 5, 10, 20, 50 and so on."""
    for power in count():
        yield from (digit * 10**power for digit in (1, 2, 5))


def _column(week: Week, middle: float, width: float, axis: _Axis) -> Column:
    bar_width = min(width * BAR_TO_COLUMN, BAR_WIDTH_MAX)
    x, rounded_width = round(middle - bar_width / 2, 3), round(bar_width, 3)
    return Column(
        week=week,
        x=round(middle - width / 2, 3),
        width=round(width, 3),
        new=Bar(x, axis.y(week.new), rounded_width, axis.height(week.new)) if week.new else None,
        deactivated=Bar(x, axis.y(0), rounded_width, axis.height(week.deactivated)) if week.deactivated else None,
    )


def _labels(weeks: list[Week], middles: list[float]) -> Iterator[DateLabel]:
    for number, (week, middle) in enumerate(zip(weeks, middles, strict=True)):
        weeks_ago = len(weeks) - 1 - number
        if weeks_ago % LABEL_EVERY == 0:
            yield DateLabel(round(middle, 3), week.week, wide_only=weeks_ago % NARROW_LABEL_EVERY != 0)

"""Coordinates of the growth chart and of share bars."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from webapp.dashboard.charts import Bar, GrowthChart, Point, Tick, growth_chart
from webapp.dashboard.growth import Week
from webapp.web.charts import ShareBar, share_bar

MONDAY = date(2030, 1, 7)


def chart(*counts: tuple[int, int], average: float = 0, right_to_left: bool = False) -> GrowthChart:
    """`counts` are the new and the deactivated people of each week."""
    weeks = [
        Week(MONDAY + timedelta(weeks=number), new, 0, deactivated, average)
        for number, (new, deactivated) in enumerate(counts)
    ]
    return growth_chart(weeks, right_to_left=right_to_left)


def test_new_people_go_up_from_zero_and_deactivated_people_go_down() -> None:
    first, second = chart((3, 0), (0, 1)).columns
    assert (first.new, first.deactivated) == (Bar(22.5, 0.0, 5, 75.0), None)
    assert (second.new, second.deactivated) == (None, Bar(72.5, 75.0, 5, 25.0))


def test_columns_fill_the_width() -> None:
    assert [(column.x, column.width) for column in chart((1, 0), (1, 0)).columns] == [(0.0, 50.0), (50.0, 50.0)]


def test_without_people_the_axis_goes_from_zero_to_one() -> None:
    assert chart((0, 0)).ticks == [Tick(0.0, 1, zero=False), Tick(100.0, 0, zero=True)]


def test_values_of_ticks_have_no_sign() -> None:
    assert [(tick.value, tick.zero) for tick in chart((20, 10)).ticks] == [
        (20, False),
        (10, False),
        (0, True),
        (10, False),
    ]


@pytest.mark.parametrize(("new", "step"), [(5, 1), (6, 2), (10, 2), (11, 5), (26, 10), (251, 100), (5_000_000, 10**6)])
def test_steps_are_round_numbers_and_at_most_six_lines(new: int, step: int) -> None:
    ticks = chart((new, 0)).ticks
    assert ticks[-2].value == step
    assert len(ticks) <= 6


def test_the_average_is_a_path_from_the_first_to_the_last_week() -> None:
    found = chart((4, 0), (4, 0), (4, 0), (4, 0), average=1)
    assert found.average[0] == (Point(12.5, 75.0), Point(37.5, 75.0))
    assert len(found.average) == 3
    assert found.last_average == Point(87.5, 75.0)


def test_an_average_above_all_weeks_fits_the_chart() -> None:
    assert chart((1, 0), average=3).last_average == Point(50.0, 0.0)


def test_every_fifth_week_has_a_label_and_every_tenth_in_a_narrow_window() -> None:
    labels = chart(*[(1, 0)] * 12).labels
    assert [(label.day, label.wide_only) for label in labels] == [
        (MONDAY + timedelta(weeks=1), False),
        (MONDAY + timedelta(weeks=6), True),
        (MONDAY + timedelta(weeks=11), False),
    ]


def test_right_to_left_the_oldest_week_is_on_the_right() -> None:
    found = chart((1, 0), (2, 0), right_to_left=True)
    assert [column.x for column in found.columns] == [50.0, 0.0]
    assert (found.last_average.x, found.labels[-1].x) == (25.0, 25.0)


@pytest.mark.parametrize(
    ("share", "right_to_left", "bar"),
    [(0.25, False, ShareBar(0, 25)), (0.25, True, ShareBar(75, 25)), (2, False, ShareBar(0, 100))],
)
def test_a_share_bar_starts_where_reading_starts(share: float, right_to_left: bool, bar: ShareBar) -> None:
    assert share_bar(share, right_to_left=right_to_left) == bar

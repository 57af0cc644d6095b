"""Progress of a job in numbers."""

from __future__ import annotations

import pytest

from webapp.jobs.models import Job
from webapp.jobs.progress import format_rate, progress_percent, progress_share, progress_value


@pytest.mark.parametrize(
    ("done", "total", "value", "percent"),
    [(0, 3, 0, 0), (2, 3, 2, 66), (999, 1000, 999, 99), (3, 3, 3, 100), (5, 3, 3, 100), (5, None, 0, 0), (0, 0, 0, 0)],
)
def test_only_a_complete_job_has_100_percent(done: int, total: int | None, value: int, percent: int) -> None:
    job = Job(done=done, total=total)
    assert (progress_value(job), progress_percent(job), progress_share(job)) == (value, percent, percent / 100)


@pytest.mark.parametrize(("rate", "text"), [(0.26, "0.3"), (9.94, "9.9"), (10.4, "10"), (1234.5, "1,234")])
def test_a_rate_below_ten_has_one_decimal_place(rate: float, text: str) -> None:
    assert format_rate(rate) == text

"""Measures pages and their floors in turns, and prints them as a Markdown table."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable

from bench import pages
from bench.floors import Driver, capture, renderer
from bench.instances import Instance
from bench.servers import Client

WARM_UP_ROUNDS = 5


def print_header() -> None:
    print("| page | ms | p95 | floor | empty view | SQL | template | ratio | target |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---|")


def print_rows(
    instance: Instance,
    client: Client,
    floor: Client,
    measured: Iterable[pages.Page],
    rounds: int,
    *,
    encoding: str = "identity",
) -> None:
    for page in measured:
        print(_row(page, _times_of(instance, client, floor, page, rounds, encoding), rounds), flush=True)


def _times_of(
    instance: Instance, client: Client, floor: Client, page: pages.Page, rounds: int, encoding: str
) -> list[list[float]]:
    """Return the seconds of each round: of the page, the empty view, the statements and the template."""
    captured = capture(instance, page.path, client.cookies)
    driver = Driver(instance)
    with renderer(instance, page.path, captured, client.cookies) as template:
        parts: list[Callable[[], float]] = [
            lambda: client.get(page.path, encoding=encoding).seconds,
            lambda: floor.get("/").seconds,
            lambda: driver.seconds(captured),
            template.seconds,
        ]
        times = [[part() for part in parts] for _round in range(rounds + WARM_UP_ROUNDS)]
    driver.close()
    return [list(column) for column in zip(*times[WARM_UP_ROUNDS:], strict=True)]


def _row(page: pages.Page, times: list[list[float]], rounds: int) -> str:
    median, *floor_parts = (statistics.median(column) * 1000 for column in times)
    floor = sum(floor_parts)
    p95 = sorted(times[0])[min(rounds - 1, int(rounds * 0.95))] * 1000
    figures = " | ".join(f"{value:.2f}" for value in (median, p95, floor, *floor_parts))
    return f"| {page.name} | {figures} | {median / floor:.2f} | {f'≤ {pages.TARGET}' if page.target else ''} |"

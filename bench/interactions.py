"""python -m bench.interactions [--users N] [--engines postgresql,sqlite] [--database URL]

Interaction to next paint in Chromium: select a row, select all, type in the search, open the filter menu, choose a
status, press a key. The browser measures each interaction (Event Timing), rounded to 8 ms; shorter ones count as 16 ms.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable

from playwright.sync_api import Page, sync_playwright

from bench.instances import ENGINES, SERVER, Instance, existing_instance, temporary_instance
from bench.plans import signed_in
from bench.servers import rollcall
from tests.browser import chromium

TARGET_MS = 100
# Runs on each page. sessionStorage keeps the durations when an interaction loads another page.
OBSERVE = """
  const kept = JSON.parse(sessionStorage.interactions ?? "[]");
  new PerformanceObserver((list) => {
    kept.push(...list.getEntries().filter((each) => each.interactionId).map((each) => each.duration));
    sessionStorage.interactions = JSON.stringify(kept);
  }).observe({ type: "event", durationThreshold: 16 });
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.interactions")
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--server", default=SERVER, help="address of the PostgreSQL server")
    parser.add_argument("--database", help="measure this filled database instead")
    parser.add_argument("--rounds", type=int, default=10)
    args = parser.parse_args()
    print(f"| engine | interaction | median ms | longest ms (target {TARGET_MS}) |\n|---|---|---:|---:|", flush=True)
    if args.database:
        _measure(existing_instance(args.database), args.rounds)
        return
    for engine in args.engines.split(","):
        with temporary_instance(engine, args.users, server=args.server) as instance:
            _measure(instance, args.rounds)


def _measure(instance: Instance, rounds: int) -> None:
    address = f"http://{instance.environment['BIND']}"
    cookies = [{"name": name, "value": value, "url": address} for name, value in signed_in(instance).items()]
    with rollcall(instance.environment), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.PATH, args=chromium.OPTIONS)
        context = browser.new_context(base_url=address, locale="en-GB", viewport={"width": 1440, "height": 900})
        context.add_cookies(cookies)
        context.add_init_script(OBSERVE)
        page = context.new_page()
        for name, interact in INTERACTIONS.items():
            longest = [_longest(page, interact) for _round in range(rounds)]
            median = statistics.median(longest)
            print(f"| {instance.engine} | {name} | {median:.0f} | {max(longest):.0f} |", flush=True)
        browser.close()


def _longest(page: Page, interact: Callable[[Page], None]) -> float:
    """Return the milliseconds of the longest interaction on a newly loaded list."""
    page.goto("/users")
    page.evaluate("sessionStorage.interactions = '[]'")
    page.reload(wait_until="networkidle")
    interact(page)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(200)
    return max(page.evaluate("JSON.parse(sessionStorage.interactions)"), default=16.0)


def _select_row(page: Page) -> None:
    page.locator("tbody input[type=checkbox]").nth(3).click()


def _select_all(page: Page) -> None:
    page.locator("thead input[type=checkbox]").click()


def _search(page: Page) -> None:
    page.get_by_role("searchbox").press_sequentially("anna", delay=60)


def _open_filters(page: Page) -> None:
    page.locator("[data-behaviour~=filters] > summary").click()


def _choose_status(page: Page) -> None:
    page.locator(".segments a").nth(1).click()


def _open_palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("anna", delay=60)


INTERACTIONS = {
    "select a row": _select_row,
    "select all": _select_all,
    "search": _search,
    "open the filters": _open_filters,
    "filter by status": _choose_status,
    "palette": _open_palette,
}


if __name__ == "__main__":
    main()

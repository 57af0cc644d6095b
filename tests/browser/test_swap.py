"""Scripts that replace parts of a page leave no listeners behind, and keep the focus."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route, expect

from tests.browser.site import Site

# Targets whose listeners stay when a part of the page is replaced.
LASTING = ("window", "document", "document.body")


def listeners(page: Page) -> list[str]:
    """Return the types of all listeners of LASTING."""
    session = page.context.new_cdp_session(page)
    found = []
    for name in LASTING:
        target = session.send("Runtime.evaluate", {"expression": name})["result"]["objectId"]
        listed = session.send("DOMDebugger.getEventListeners", {"objectId": target})["listeners"]
        found += [f"{name} {listener['type']}" for listener in listed]
    return sorted(found)


def test_replacing_the_list_leaves_no_listeners(page: Page) -> None:
    page.goto("/users")
    search_box, rows = page.get_by_role("searchbox", name="Search users"), page.locator("input[name=ids]")
    # The elements whose scripts start last.
    started = page.locator("body:has(#bulk-form[data-enhanced]):has(.results[data-row-actions])")
    started.wait_for(state="attached")
    before = listeners(page)
    for _ in range(5):
        for text, count in (("liskov", 2), ("", 50)):
            search_box.fill(text)
            expect(rows).to_have_count(count)
            started.wait_for(state="attached")
    assert "document keydown" in before
    assert listeners(page) == before


def test_the_page_of_a_job_is_updated_until_the_job_ends(page: Page, site: Site) -> None:
    address = f"/jobs/{site.ids['job_running']}"
    page.goto(address)
    heading = page.get_by_role("heading", name="Progress")
    heading.evaluate("element => { element.tabIndex = -1; element.focus(); element.kept = true }")
    requests: list[str] = []

    def end(route: Route) -> None:
        body = route.fetch().text().replace(' data-behaviour="progress"', "")
        body = re.sub(r'data-announce="[^"]*"', 'data-announce="It has ended"', body)
        requests.append(address)
        route.fulfill(body=body, content_type="text/html")

    page.route("**" + address, end)
    expect(page.locator("#job-status")).to_have_text("It has ended")
    assert heading.evaluate("element => element.kept")
    # Longer than the polling interval.
    page.wait_for_timeout(1500)
    assert len(requests) == 1


def test_the_page_of_a_job_shows_a_lost_connection(page: Page, site: Site) -> None:
    address = f"/jobs/{site.ids['job_running']}"
    page.goto(address)
    status = page.locator("#job-status")
    page.route("**" + address, lambda route: route.abort("aborted"))
    expect(status).to_have_text(re.compile("Cannot connect to Rollcall"))
    expect(status).to_have_class("notice notice-warn")
    page.unroute("**" + address)
    expect(status).to_have_class("visually-hidden")


def test_the_badge_disappears_when_the_job_ends(page: Page) -> None:
    page.goto("/groups")
    badge = page.get_by_role("navigation", name="Main").locator(".badge")
    expect(badge).to_be_visible()
    page.route("**/jobs/badge", lambda route: route.fulfill(body="", content_type="text/html"))
    expect(badge).to_have_count(0)

"""A chosen picture is shown, and made small before it is sent."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.site import Site
from tests.photos.pictures import picture
from webapp.photos.images import UPLOAD_BYTES_MAX


def test_a_large_picture_is_shown_and_sent_small(page: Page, site: Site) -> None:
    person = site.create_person("Large Picture")
    large = picture("PNG", size=(2400, 1800), compress_level=0)
    assert len(large) > UPLOAD_BYTES_MAX
    page.goto(f"/users/{person.id}/photo")
    page.locator("[data-enhanced] [type=file]").set_input_files(
        {"name": "large.png", "mimeType": "image/png", "buffer": large}
    )
    expect(page.locator("canvas.avatar")).to_be_visible()
    assert page.locator("[type=file]").evaluate("field => field.files[0].size") < 100_000
    with page.expect_navigation():
        page.get_by_role("button", name="Save photo").click()
    expect(page.locator("img.avatar")).to_be_visible()

"""A feed imports a file of a server. The guard of outgoing requests holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.factories import People
from tests.feeds.conftest import HEAD, VERA, Feeds
from tests.feeds.server import Server, serving
from webapp.audit.models import AuditDetails
from webapp.db.session import db
from webapp.feeds.models import Feed, RunOutcome

pytestmark = pytest.mark.one_engine
FILE = (HEAD + VERA).encode()


@pytest.fixture
def server(change_settings: Callable[..., None], feed_folder: object) -> Iterator[Server]:
    change_settings(webhook_allowed_networks=["127.0.0.0/8"])
    with serving() as started:
        yield started


def feed_of(feeds: Feeds, server: Server, **values: Any) -> UUID:
    return feeds.create(source="address", url=server.url, mode="create", **values)


def test_a_file_is_read_with_the_secret_header(feeds: Feeds, people: People, server: Server) -> None:
    feed_id = feed_of(feeds, server, header="Bearer s3cret-of-hr")
    server.body = FILE
    run = feeds.run(feed_id)
    assert (run.outcome, run.filename, run.counts) == (RunOutcome.APPLIED, "people.csv", {"created": 1})
    (request,) = server.requests
    assert (request["authorization"], request["path"]) == ("Bearer s3cret-of-hr", "/hr/people.csv")
    assert feeds.run(feed_id).outcome == RunOutcome.SAME_FILE
    # The secret is encrypted, and shown nowhere.
    feed = feeds.api.get(f"/feeds/{feed_id}")
    assert feed.json["has_header"] is True
    pages = feed.text + feeds.owner.get(f"/imports/feeds/{feed_id}/edit").text
    with feeds.app.app_context():
        stored = str(
            db.session.execute(select(Feed.__table__)).all() + db.session.execute(select(AuditDetails.changes)).all()
        )
    assert "s3cret" not in pages + stored


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"status": 302, "headers": {"Location": "/elsewhere"}}, "follows no redirects"),
        ({"status": 404}, "The server answered 404"),
        ({"headers": {"Content-Encoding": "gzip"}}, "sent a compressed file"),
        ({"length": ""}, "does not say how long the file is"),
        ({"length": str(10**12)}, "at most 256 MB"),
        ({"body": b""}, "The file is empty"),
    ],
)
def test_an_answer_that_is_no_file_is_refused(
    feeds: Feeds, people: People, server: Server, answer: dict[str, Any], reason: str
) -> None:
    feed_id = feed_of(feeds, server)
    server.body = FILE
    for name, value in answer.items():
        setattr(server, name, value)
    before = people.row_counts()
    run = feeds.run(feed_id)
    assert (run.outcome, reason in run.message) == (RunOutcome.FAILED, True)
    after = people.row_counts()
    assert {name: after[name] for name in ("users", "imports", "import_file_parts")} == {
        name: before[name] for name in ("users", "imports", "import_file_parts")
    }
    assert len(server.requests) == 1


@pytest.mark.parametrize("answer", [{"status": 503}, {"length": "5000"}])
def test_an_answer_that_may_be_right_later_is_tried_again(
    feeds: Feeds, people: People, server: Server, answer: dict[str, Any]
) -> None:
    """The connection ends before the file does, or the server is busy."""
    feed_id = feed_of(feeds, server)
    server.body = FILE
    for name, value in answer.items():
        setattr(server, name, value)
    before = people.row_counts()
    run = feeds.run(feed_id)
    assert (run.outcome, run.tries) == (None, 1)
    assert people.row_counts()["imports"] == before["imports"]


def test_internal_addresses_are_refused_when_saved_and_when_read(
    feeds: Feeds, people: People, server: Server, change_settings: Callable[..., None]
) -> None:
    feed_id = feed_of(feeds, server)
    server.body = FILE
    change_settings(webhook_allowed_networks=[])
    for url in (
        "https://127.0.0.1/x",
        "https://10.0.0.1/x",
        "http://example.org/x",
        "https://a@example.org/",
        "ftp://x",
    ):
        body = {"source": "address", "url": url}
        assert feeds.api.patch(f"/feeds/{feed_id}", body).status_code == 422, url
    run = feeds.run(feed_id)
    assert (run.outcome, "internal network" in run.message) == (RunOutcome.FAILED, True)
    assert server.requests == []


def test_a_secret_is_not_sent_to_another_server(feeds: Feeds, server: Server) -> None:
    feed_id = feed_of(feeds, server, header="Bearer s3cret")
    moved = {"source": "address", "url": server.url.replace("127.0.0.1", "127.0.0.2")}
    refused = feeds.api.patch(f"/feeds/{feed_id}", moved)
    assert (refused.status_code, "for another server" in refused.text) == (422, True)
    assert feeds.api.patch(f"/feeds/{feed_id}", moved | {"header": ""}).json["has_header"] is False


@pytest.mark.parametrize(
    ("field", "value"),
    [("header_name", "Host"), ("header_name", "a b"), ("header", "a\nb"), ("header", "ключ"), ("encoding", "utf-99")],
)
def test_what_would_change_the_request_is_refused(feeds: Feeds, server: Server, field: str, value: str) -> None:
    feed_id = feed_of(feeds, server)
    refused = feeds.api.patch(f"/feeds/{feed_id}", {field: value})
    assert (refused.status_code, field in refused.text) == (422, True)

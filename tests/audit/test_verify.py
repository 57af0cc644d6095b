"""`flask audit verify` finds edited, removed, added and cut-off records."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, event, insert, select

from tests.audit.trail import Thing, get, tamper, write, write_at_once
from tests.factories import TESTER
from webapp.audit.actions import Action
from webapp.audit.chain import FIELDS_INDEX, HASHED_COLUMNS, HASHED_DETAILS, RECORD_COLUMNS, Chain, hash_of_details
from webapp.audit.chain_rows import record_batches
from webapp.audit.erasure import erase_details_of
from webapp.audit.findings import FINDINGS_MAX
from webapp.audit.models import AuditDetails, AuditHead, AuditRecord, AuditRedaction
from webapp.audit.services import record
from webapp.audit.verify import heads, verify
from webapp.core.ids import new_id
from webapp.core.permissions import Actor, ActorKind
from webapp.db.session import db
from webapp.db.snapshots import snapshot
from webapp.db.transactions import transaction
from webapp.demo.services import fill
from webapp.web.api import App


@pytest.fixture
def written(app: App) -> list[UUID]:
    """Ten consecutive records of one shard. Twenty more are in any shard."""
    with app.app_context():
        write(20)
        return write_at_once(10)


def run(app: App, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["audit", *arguments])
    return result.exit_code, result.output


def findings(app: App) -> list[tuple[str, str]]:
    with app.app_context():
        return [(finding.kind, finding.id) for finding in verify().findings]


def test_an_unchanged_trail_has_no_findings(app: App, written: list[UUID]) -> None:
    code, output = run(app, "verify")
    assert code == 0
    assert "30 records" in output
    assert "Every record is as it was written." in output


def test_an_empty_trail_has_no_findings(app: App) -> None:
    assert run(app, "verify")[0] == 0


def test_demo_data_has_valid_chains(app: App) -> None:
    with app.app_context():
        fill(300, by=TESTER)
        write(20)
        report = verify()
    assert report.findings == []
    assert report.records > 320


@pytest.mark.parametrize(
    "change",
    [
        {"action": "user.created"},
        {"actor_id": UUID(int=9)},
        {"subject_id": UUID(int=9)},
        {"fields": []},
        {"request_id": "x"},
        {"token_id": UUID(int=9)},
        {"undoes_id": UUID(int=9)},
        {"details_hash": "0" * 64},
    ],
)
def test_an_edited_record_is_found(app: App, written: list[UUID], change: dict[str, Any]) -> None:
    with app.app_context():
        edited = get(written[4])
        place = (edited.shard, edited.seq)
        tamper(AuditRecord, AuditRecord.id == written[4], **change)
        found = verify().findings
    assert found[0].kind == "edited"
    assert (found[0].shard, found[0].seq, found[0].id) == (*place, written[4].hex)
    assert {finding.id for finding in found} == {written[4].hex}


@pytest.mark.parametrize(
    "change", [{"changes": {"name": ["a", "x"]}}, {"actor_label": "Nobody"}, {"address": "::1"}, {"reason": "x"}]
)
def test_edited_details_are_found(app: App, written: list[UUID], change: dict[str, Any]) -> None:
    with app.app_context():
        tamper(AuditDetails, AuditDetails.record_id == written[4], **change)
    assert findings(app) == [("details", written[4].hex)]


def test_a_new_hash_for_an_edited_record_does_not_match_the_next_record(app: App, written: list[UUID]) -> None:
    with app.app_context():
        tamper(AuditRecord, AuditRecord.id == written[4], hash="1" * 64)
    assert [record_id for _kind, record_id in findings(app)] == [written[4].hex, written[5].hex]


def test_a_removed_record_is_found(app: App, written: list[UUID]) -> None:
    with app.app_context():
        gone = get(written[4])
        place = (gone.shard, gone.seq)
        remove(AuditRecord.id == written[4])
        found = verify().findings
    assert [(f.kind, f.shard, f.seq) for f in found] == [("removed", *place)]


def test_a_cut_off_end_is_found(app: App, written: list[UUID]) -> None:
    with app.app_context():
        first = get(written[7])
        remove(AuditRecord.id.in_(written[7:]))
        found = verify().findings
    assert [(f.kind, f.seq) for f in found] == [("cut_off", first.seq)]


def test_a_removed_chain_is_found(app: App, written: list[UUID]) -> None:
    with app.app_context():
        shard = get(written[0]).shard
        remove(AuditRecord.shard == shard)
        found = verify().findings
    assert [(f.kind, f.shard, f.seq) for f in found] == [("cut_off", shard, 1)]


def test_a_record_added_at_the_end_is_found(app: App, written: list[UUID]) -> None:
    with app.app_context():
        last = get(written[-1])
        forge(last)
        found = verify().findings
    assert [(f.kind, f.shard, f.seq) for f in found] == [("added", last.shard, last.seq + 1)]


def test_a_removed_or_changed_head_is_found(app: App, written: list[UUID]) -> None:
    with app.app_context():
        shard = get(written[0]).shard
        tamper(AuditHead, AuditHead.shard == shard, hash="2" * 64)
        assert [f.kind for f in verify().findings] == ["head"]
        with db.engine.begin() as connection:
            connection.execute(delete(AuditHead).where(AuditHead.shard == shard))
        assert [f.kind for f in verify().findings] == ["head"]


def test_a_rewritten_chain_is_found_by_earlier_heads(app: App, written: list[UUID], tmp_path: Path) -> None:
    code, output = run(app, "heads")
    file = tmp_path / "heads.json"
    file.write_text(output)
    with app.app_context():
        write(20)
    assert run(app, "verify", "--heads", str(file))[0] == code == 0
    with app.app_context():
        shard = get(written[0]).shard
        rewrite(shard)
        assert verify().findings == []
    code, output = run(app, "verify", "--json", "--heads", str(file))
    assert code == 1
    assert [(f["kind"], f["shard"]) for f in json.loads(output)["findings"]] == [("rewritten", shard)]


def test_a_chain_cut_off_with_its_head_is_found_by_earlier_heads(app: App, written: list[UUID]) -> None:
    with app.app_context():
        earlier = heads()
        last = get(written[6])
        remove(AuditRecord.id.in_(written[7:]))
        tamper(AuditHead, AuditHead.shard == last.shard, seq=last.seq, hash=last.hash)
        assert verify().findings == []
        assert [f.kind for f in verify(earlier=earlier).findings] == ["cut_off"]


def test_a_file_without_heads_is_refused(app: App, tmp_path: Path) -> None:
    file = tmp_path / "heads.json"
    file.write_text('{"a": 1}')
    code, output = run(app, "verify", "--heads", str(file))
    assert code == 2
    assert "is not an output of flask audit heads" in output


def test_erased_details_are_counted_and_are_no_finding(app: App) -> None:
    person = Thing("Forgotten Person")
    with app.app_context():
        ids = write(3, subject=person)
        with transaction():
            erase_details_of(person.id)
            purge = record(Action.USER_PURGED, subject=person, by=TESTER, label="")
        report = verify()
        assert (report.findings, report.erased) == ([], 3)
        assert all(get(record_id).erased for record_id in ids)
        assert get(ids[0]).changes == {}
        assert get(ids[0]).fields == ["name"]
        assert not get(purge).erased
    assert "the details of 3 erased with people" in run(app, "verify")[1]


@pytest.fixture
def redacted(app: App) -> list[UUID]:
    """Changes of others by a person who was erased."""
    actor = Thing("Forgotten Person")
    by = Actor(ActorKind.USER, actor.name, actor.id, address="192.0.2.7")
    with app.app_context():
        with transaction():
            ids = [
                record(Action.USER_UPDATED, subject=Thing("Anna"), by=by, changes={"name": ("a", "Анна")})
                for _number in range(3)
            ]
        with transaction():
            redactions = erase_details_of(actor.id)
            record(Action.USER_PURGED, subject=actor, by=TESTER, label="", changes=redactions)
    return ids


def test_changes_by_an_erased_person_stay_under_a_pseudonym(app: App, redacted: list[UUID]) -> None:
    with app.app_context():
        kept = get(redacted[0])
        assert (kept.changes, kept.subject_label) == ({"name": ["a", "Анна"]}, "Anna")
        assert kept.actor_label.startswith("Deleted user ")
        assert kept.address == ""
        assert verify().findings == []


@pytest.mark.parametrize("change", [{"changes": {"name": ["a", "x"]}}, {"actor_label": "Nobody"}])
def test_an_edit_of_redacted_details_is_found(app: App, redacted: list[UUID], change: dict[str, Any]) -> None:
    with app.app_context():
        tamper(AuditDetails, AuditDetails.record_id == redacted[1], **change)
    assert findings(app) == [("details", redacted[1].hex)]


def test_an_edit_of_redacted_details_with_a_new_hash_is_found(app: App, redacted: list[UUID]) -> None:
    with app.app_context():
        details = db.session.get_one(AuditDetails, redacted[1])
        texts = {name: getattr(details, name) for name in HASHED_DETAILS} | {"changes": "{}"}
        tamper(AuditDetails, AuditDetails.record_id == redacted[1], changes={})
        new_hash = hash_of_details([texts[name] for name in HASHED_DETAILS])
        tamper(AuditRedaction, AuditRedaction.record_id == redacted[1], details_hash=new_hash)
    assert findings(app) == [("details", redacted[0].hex)]


def test_a_redaction_without_an_erasure_is_found(app: App, written: list[UUID]) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(insert(AuditRedaction).values(record_id=written[4], details_hash="0" * 64))
    assert ("details", written[4].hex) in findings(app)


def test_details_that_are_missing_without_an_erasure_are_found(app: App, written: list[UUID]) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(delete(AuditDetails).where(AuditDetails.record_id == written[2]))
    assert findings(app) == [("details_missing", written[2].hex)]


def test_findings_are_printed_as_sentences(app: App, written: list[UUID]) -> None:
    with app.app_context():
        tamper(AuditRecord, AuditRecord.id == written[4], action="user.created")
        place = f"shard {get(written[4]).shard}, record {get(written[4]).seq}"
    code, output = run(app, "verify")
    assert code == 1
    assert f"{place} ({written[4].hex}): edited: " in output
    assert "Something is wrong." in output


def test_the_number_of_findings_is_limited(app: App) -> None:
    with app.app_context():
        ids = write_at_once(FINDINGS_MAX + 5)
        tamper(AuditDetails, AuditDetails.record_id.in_(ids), reason="x")
        report = verify()
    assert len(report.findings) == FINDINGS_MAX
    assert report.more


def remove(where: Any) -> None:
    with db.engine.begin() as connection:
        ids = [row.id for row in connection.execute(select(AuditRecord.id).where(where))]
        connection.execute(delete(AuditDetails).where(AuditDetails.record_id.in_(ids)))
        connection.execute(delete(AuditRecord).where(AuditRecord.id.in_(ids)))


def forge(last: AuditRecord) -> None:
    """Add a copy of the last record with correct hashes, but leave the head unchanged."""
    [*_before, row] = rows_of(last.shard)
    chain = Chain(last.shard, last.seq, last.hash)
    record_id = new_id()
    chain.append([record_id.hex, *row[1 : len(HASHED_COLUMNS)]], row[len(RECORD_COLUMNS) : -1])
    with db.engine.begin() as connection:
        for model, key in ((AuditRecord, "id"), (AuditDetails, "record_id")):
            table = model.__table__
            copied = connection.execute(select(table).where(table.c[key] == last.id)).mappings().one()
            own = {"seq": chain.seq, "hash": chain.hash} if model is AuditRecord else {}
            connection.execute(insert(table).values(dict(copied) | own | {key: record_id}))


def rewrite(shard: int) -> None:
    """Change the first record of a chain, then recompute all hashes after it and the head."""
    chain = Chain(shard)
    for row in rows_of(shard):
        hashed = list(row[: len(HASHED_COLUMNS)])
        if chain.seq == 0:
            hashed[HASHED_COLUMNS.index("action")] = "user.created"
        chain.append(hashed, row[len(RECORD_COLUMNS) : -1])
        action = hashed[HASHED_COLUMNS.index("action")]
        tamper(AuditRecord, AuditRecord.id == UUID(hashed[0]), action=action, hash=chain.hash)
    tamper(AuditHead, AuditHead.shard == shard, seq=chain.seq, hash=chain.hash)


def rows_of(shard: int) -> list[list[Any]]:
    """Rows of `record_batches`, with the list of fields decoded."""
    found = []
    with snapshot() as connection:
        for rows in record_batches(connection):
            for row in map(list, rows):
                if isinstance(row[FIELDS_INDEX], str):
                    row[FIELDS_INDEX] = json.loads(row[FIELDS_INDEX])
                if row[RECORD_COLUMNS.index("shard")] == shard:
                    found.append(row)
    return found


def test_ctrl_c_says_how_much_was_verified(app: App, written: list[UUID]) -> None:
    def press(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "audit_redactions" in statement:
            os.kill(os.getpid(), signal.SIGINT)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", press)
        try:
            result = app.test_cli_runner().invoke(args=["audit", "verify"])
        finally:
            event.remove(db.engine, "before_cursor_execute", press)
    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (1, "", 1)
    assert "Stopped by Ctrl-C." in result.stderr
    assert "0 records were verified, with 0 findings." in result.stderr

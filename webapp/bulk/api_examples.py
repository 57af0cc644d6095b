"""What the pages of bulk changes can also do by API and command line."""

from __future__ import annotations

from typing import Any

from webapp.bulk.actions import ACTIONS
from webapp.bulk.guards import is_own
from webapp.bulk.models import BulkChange, State
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.db.session import db
from webapp.web.api_panel import ApiExample, ApiExamples


def _listed(_arguments: dict[str, Any]) -> list[ApiExample]:
    command = ["bulk", "list"]
    return [ApiExample(_("List bulk changes"), "/bulk-changes", Permission.USERS_READ, arguments=command)]


def _shown(arguments: dict[str, Any]) -> list[ApiExample]:
    # The page has read this change, and has checked that the viewer can see it.
    bulk = db.session.get(BulkChange, arguments["bulk_id"])
    if bulk is None:
        return []
    bulk_id, path = str(bulk.id), f"/bulk-changes/{bulk.id}"
    examples = [
        ApiExample(_("Read this change"), path, Permission.USERS_READ, arguments=["bulk", "show", bulk_id]),
        ApiExample(
            _("List its people"), f"{path}/people", Permission.USERS_READ, arguments=["bulk", "people", bulk_id]
        ),
    ]
    return examples + (_continued(bulk, path) if is_own(bulk) else [])


def _continued(bulk: BulkChange, path: str) -> list[ApiExample]:
    """Return how the requester applies or undoes the change."""
    permission, bulk_id = ACTIONS[bulk.action].permission, str(bulk.id)
    if bulk.state == State.PLANNED and bulk.plan_hash:
        body = {"plan_hash": bulk.plan_hash}
        command = ["bulk", "apply", bulk_id, f"--plan={bulk.plan_hash}"]
        return [ApiExample(_("Apply"), f"{path}/application", permission, "POST", body=body, arguments=command)]
    if bulk.state == State.APPLIED:
        return [ApiExample(_("Undo"), f"{path}/undo", permission, "POST", arguments=["bulk", "undo", bulk_id])]
    return []


def init_api_examples(examples: ApiExamples) -> None:
    examples.update({"bulk.index": _listed, "bulk.show": _shown})

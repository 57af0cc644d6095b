"""What Rollcall keeps about a person, for themselves."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from webapp.api_tokens.models import ApiToken
from webapp.api_tokens.queries import list_tokens
from webapp.attributes.models import FIELD_PREFIX, Attribute
from webapp.audit.archives import archived_before
from webapp.audit.models import AuditRecord
from webapp.audit.queries import latest_records_of
from webapp.db.session import db
from webapp.factors.queries import factor_summary
from webapp.notes.models import Note
from webapp.notes.queries import all_notes_about
from webapp.photos.images import PHOTO_TYPE
from webapp.photos.models import Photo
from webapp.photos.queries import photos_of
from webapp.signin.devices import describe_device
from webapp.signin.models import KnownDevice, SecurityEvent, UserSession
from webapp.signin.queries import known_devices_of, security_events_of, sessions_of
from webapp.signin.retention import EVENTS_OF_PERSON
from webapp.users.models import FormerIdentity, User
from webapp.users.queries import former_identities
from webapp.users.schemas import UserOut

# The newest. A person has about a thousand in ten years.
RECORDS_MAX = 10_000


def own_data(user: User, attributes: Sequence[Attribute]) -> dict[str, Any]:
    """Return what Rollcall keeps about the person as JSON values. `attributes`: those that they see."""
    factors = factor_summary(user.id)
    visible = {FIELD_PREFIX + each.key for each in attributes}
    return {
        "user": UserOut.of(user, attributes=attributes).model_dump(mode="json"),
        "former_identities": [_former(row) for row in former_identities(user.id)],
        "password_changed_at": _time(user.password_changed_at),
        "sessions": [_device(row) | {"address": row.address} for row in sessions_of(user.id)],
        "known_devices": [_device(row) for row in known_devices_of(user.id)],
        "failed_attempts": [_event(row) for row in security_events_of(user.id, EVENTS_OF_PERSON)],
        "photos": [_photo(row) for row in photos_of(user.id)],
        "notes": [_note(row) for row in all_notes_about(user.id)],
        "factors": {
            "totp_since": _time(factors.totp.confirmed_at) if factors.totp else None,
            "passkeys": [{"name": row.name, "created_at": _time(row.created_at)} for row in factors.passkeys],
            "recovery_codes_left": factors.codes_left,
        },
        "api_tokens": [_token(row) for row in db.session.scalars(list_tokens(user_id=user.id).order_by(ApiToken.id))],
        "activity": [_activity(row, visible) for row in latest_records_of(user.id, RECORDS_MAX)],
        # Activity before this time is in archives, outside the database.
        "activity_archived_before": _time(archived_before()),
    }


def _former(row: FormerIdentity) -> dict[str, Any]:
    return {"kind": row.kind, "value": row.value, "until": _time(row.until)}


def _device(row: UserSession | KnownDevice) -> dict[str, Any]:
    device = describe_device(row.agent)
    return {"device": device, "created_at": _time(row.created_at), "last_used_at": _time(row.last_used_at)}


def _event(row: SecurityEvent) -> dict[str, Any]:
    return {"at": _time(row.at), "kind": row.kind, "address": row.address, "device": describe_device(row.agent)}


def _photo(row: Photo) -> dict[str, Any]:
    return {
        "image": f"data:{PHOTO_TYPE};base64,{b64encode(row.content).decode()}",
        "created_at": _time(row.created_at),
        "removed_at": _time(row.removed_at),
    }


def _note(row: Note) -> dict[str, Any]:
    times = ("created_at", "edited_at", "deleted_at")
    return {"text": row.text, "by": row.author_name} | {name: _time(getattr(row, name)) for name in times}


def _token(row: ApiToken) -> dict[str, Any]:
    return {
        "name": row.name,
        "begins_with": row.prefix,
        "scopes": row.scopes,
        "addresses": row.address_ranges,
        "state": row.state,
        "created_at": _time(row.created_at),
        "expires_at": _time(row.expires_at),
        "last_used_at": _time(row.last_used_at),
        "last_used_address": row.last_used_address,
        "revoked_at": _time(row.revoked_at),
    }


def _activity(row: AuditRecord, visible: set[str]) -> dict[str, Any]:
    changes = {name: pair for name, pair in row.changes.items() if not name.startswith(FIELD_PREFIX) or name in visible}
    return {"at": _time(row.at), "action": row.action, "by": row.actor_label, "changes": changes}


def _time(moment: Any) -> str | None:
    return moment.isoformat() if moment else None

"""What a person can do in the pages, a program can do by the API. A new action without an entry here fails."""

from __future__ import annotations

import re

import pytest

from tests.app_without_database import APP
from webapp.web.guards import GETS_THAT_WRITE

pytestmark = pytest.mark.one_engine

API = "/api/v1"

# Reasons why a program does not need an action.
SIGN_IN = "Signing in is for people. A program has a token."
LINK = "The link of an e-mail proves who opens it."
OWN_SIGN_IN = "How people sign in themselves: a token of theirs must not change it."
OWN_PROFILE = (
    "One's own profile takes no permission, so no token can be limited to it. With `users.edit`: PATCH /users/{id}."
)
OWN_DISPLAY = "What one person sees in the pages."
FIRST_OWNER = "The first start of Rollcall, before there are tokens. On the command line: `flask setup`."

# State-changing route of the pages → operation of the API, or the reason why there is none.
ACTIONS = {
    "/access-review.csv": "POST /access-review/file",
    "/account/attributes": OWN_PROFILE,
    "/account/email": OWN_PROFILE,
    "/account/email/cancellation": "DELETE /users/{user_id}/email-change",
    "/account/factors/{}/removal": OWN_SIGN_IN,
    "/account/factors/passkeys": OWN_SIGN_IN,
    "/account/factors/passkeys/{}/name": OWN_SIGN_IN,
    "/account/factors/recovery-codes": OWN_SIGN_IN,
    "/account/factors/recovery-codes/file": OWN_SIGN_IN,
    "/account/factors/totp": OWN_SIGN_IN,
    "/account/factors/totp/confirmation": OWN_SIGN_IN,
    "/account/name": OWN_PROFILE,
    "/account/password": OWN_SIGN_IN,
    "/account/photo": "PUT /users/{user_id}/photo",
    "/account/photo/removal": "DELETE /users/{user_id}/photo",
    "/account/preferences": OWN_PROFILE,
    "/account/sessions/{}/end": OWN_SIGN_IN,
    "/account/sessions/end": OWN_SIGN_IN,
    "/account/tokens": "POST /tokens",
    "/account/tokens/{}/revocation": "DELETE /tokens/{token_id}",
    "/account/tokens/{}/rotation": "POST /tokens/{token_id}/rotation",
    "/audit/{}/undo": "POST /audit-records/{record_id}/undo",
    "/audit/exports/{}": "GET /audit-records",
    "/bulk": "POST /bulk-changes",
    "/bulk/{}/application": "POST /bulk-changes/{bulk_id}/application",
    "/bulk/{}/file": "POST /bulk-changes/{bulk_id}/file",
    "/bulk/{}/plan": "POST /bulk-changes/{bulk_id}/preview",
    "/bulk/{}/stop": "POST /bulk-changes/{bulk_id}/stop",
    "/bulk/{}/undo": "POST /bulk-changes/{bulk_id}/undo",
    "/confirm": SIGN_IN,
    "/confirm/passkey": SIGN_IN,
    "/duplicates/{}/dismissal": "POST /duplicates/{pair_id}/dismissal",
    "/duplicates/{}/merge": "POST /users/{user_id}/merges",
    "/email-change": LINK,
    "/exports": "POST /scheduled-exports",
    "/exports/{}": "PATCH /scheduled-exports/{export_id}",
    "/exports/{}/deletion": "DELETE /scheduled-exports/{export_id}",
    "/exports/{}/pause": "POST /scheduled-exports/{export_id}/pause",
    "/exports/{}/resumption": "DELETE /scheduled-exports/{export_id}/pause",
    "/exports/{}/run": "POST /scheduled-exports/{export_id}/run",
    "/first-steps/closure": OWN_DISPLAY,
    "/forgot": SIGN_IN,
    "/groups": "POST /groups",
    "/groups/{}": "PATCH /groups/{group_id}",
    "/groups/{}/deletion": "DELETE /groups/{group_id}",
    "/groups/{}/members": "POST /groups/{group_id}/members",
    "/groups/{}/members/{}/end": "DELETE /groups/{group_id}/members/{user_id}",
    "/groups/{}/owners": "POST /users/{user_id}/grants",
    "/groups/{}/owners/{}/end": "DELETE /users/{user_id}/grants/{grant_id}",
    "/groups/{}/restoration": "POST /groups/{group_id}/restoration",
    "/groups/{}/roles": "POST /groups/{group_id}/grants",
    "/groups/{}/roles/{}/end": "DELETE /groups/{group_id}/grants/{grant_id}",
    "/invitation": LINK,
    "/invitation/again": LINK,
    "/invitation/passkey": LINK,
    "/invitation/password": LINK,
    "/invitations": "POST /users",
    "/jobs/{}/cancellation": "POST /jobs/{job_id}/cancellation",
    "/jobs/{}/retry": "POST /jobs/{job_id}/retry",
    "/jobs/schedules/{}/pause": "POST /schedules/{name}/pause",
    "/jobs/schedules/{}/resume": "DELETE /schedules/{name}/pause",
    "/jobs/schedules/{}/run": "POST /schedules/{name}/run",
    "/login": SIGN_IN,
    "/login/passkey": SIGN_IN,
    "/login/second-factor": SIGN_IN,
    "/logout": SIGN_IN,
    "/imports": "POST /imports",
    "/imports/feeds": "POST /feeds",
    "/imports/feeds/{}": "PATCH /feeds/{feed_id}",
    "/imports/feeds/{}/deletion": "DELETE /feeds/{feed_id}",
    "/imports/feeds/{}/pause": "POST /feeds/{feed_id}/pause",
    "/imports/feeds/{}/resumption": "DELETE /feeds/{feed_id}/pause",
    "/imports/feeds/{}/run": "POST /feeds/{feed_id}/run",
    "/imports/{}/application": "POST /imports/{import_id}/application",
    "/imports/{}/encoding": "POST /imports",
    "/imports/{}/invitations/stop": "POST /imports/{import_id}/invitations/stop",
    "/imports/mappings/{}": "PATCH /import-mappings/{mapping_id}",
    "/imports/mappings/{}/removal": "DELETE /import-mappings/{mapping_id}",
    "/imports/{}/preview": "POST /imports/{import_id}/preview",
    "/imports/{}/removal": "DELETE /imports/{import_id}",
    "/imports/{}/stop": "POST /imports/{import_id}/stop",
    "/imports/{}/undo": "POST /imports/{import_id}/undo",
    "/not-me": LINK,
    "/password-check": SIGN_IN,
    "/reports/dormant": "POST /reports/dormant",
    "/reset": LINK,
    "/reset/passkey": LINK,
    "/roles": "POST /roles",
    "/roles/{}": "PATCH /roles/{role_id}",
    "/roles/{}/deletion": "DELETE /roles/{role_id}",
    "/roles/{}/restoration": "POST /roles/{role_id}/restoration",
    "/settings/attributes": "POST /attributes",
    "/settings/attributes/{}": "PATCH /attributes/{attribute_id}",
    "/settings/attributes/{}/deletion": "DELETE /attributes/{attribute_id}",
    "/settings/attributes/{}/down": "PUT /attributes/{attribute_id}/position",
    "/settings/attributes/{}/restoration": "POST /attributes/{attribute_id}/restoration",
    "/settings/attributes/{}/up": "PUT /attributes/{attribute_id}/position",
    "/settings/event-stream": "PUT /event-push",
    "/settings/event-stream/pause": "POST /event-push/pause",
    "/settings/event-stream/removal": "DELETE /event-push",
    "/settings/event-stream/resumption": "DELETE /event-push/pause",
    "/settings/event-stream/test": "POST /event-push/test",
    "/settings/mail": "PATCH /settings",
    "/settings/mail/test": "POST /settings/test-mail",
    "/settings/organisation": "PATCH /settings",
    "/settings/tokens": "POST /tokens",
    "/settings/tokens/{}/revocation": "DELETE /tokens/{token_id}",
    "/settings/tokens/{}/rotation": "POST /tokens/{token_id}/rotation",
    "/settings/webhooks": "POST /webhooks",
    "/settings/webhooks/{}": "PATCH /webhooks/{webhook_id}",
    "/settings/webhooks/{}/deletion": "DELETE /webhooks/{webhook_id}",
    "/settings/webhooks/{}/deliveries/{}/redelivery": "POST /webhooks/{webhook_id}/deliveries/{delivery_id}/redelivery",
    "/settings/webhooks/{}/pause": "POST /webhooks/{webhook_id}/pause",
    "/settings/webhooks/{}/resumption": "DELETE /webhooks/{webhook_id}/pause",
    "/settings/webhooks/{}/rotation": "POST /webhooks/{webhook_id}/rotation",
    "/settings/webhooks/{}/test": "POST /webhooks/{webhook_id}/test",
    "/setup": FIRST_OWNER,
    "/users": "POST /users",
    "/users/{}": "PATCH /users/{user_id}",
    "/users/{}/compromised": "POST /users/{user_id}/compromise",
    "/users/{}/deactivation": "POST /users/{user_id}/deactivation",
    "/users/{}/deletion": "DELETE /users/{user_id}",
    "/users/{}/email-change/cancellation": "DELETE /users/{user_id}/email-change",
    "/users/{}/erasure": "POST /users/{user_id}/erasure",
    "/users/{}/factors/{}/removal": "DELETE /users/{user_id}/factors/{factor}",
    "/users/{}/groups": "POST /groups/{group_id}/members",
    "/users/{}/groups/{}/end": "DELETE /groups/{group_id}/members/{user_id}",
    "/users/{}/invitation": "POST /users/{user_id}/invitation",
    "/users/{}/invitation/link": "POST /users/{user_id}/invitation/link",
    "/users/{}/invitation/revocation": "DELETE /users/{user_id}/invitation",
    "/users/{}/notes": "POST /users/{user_id}/notes",
    "/users/{}/notes/{}": "PATCH /users/{user_id}/notes/{note_id}",
    "/users/{}/notes/{}/deletion": "DELETE /users/{user_id}/notes/{note_id}",
    "/users/{}/one-time-pass": "POST /users/{user_id}/one-time-pass",
    "/users/{}/password-reset": "POST /users/{user_id}/password-reset",
    "/users/{}/photo": "PUT /users/{user_id}/photo",
    "/users/{}/photo/removal": "DELETE /users/{user_id}/photo",
    "/users/{}/reactivation": "DELETE /users/{user_id}/deactivation",
    "/users/{}/restoration": "POST /users/{user_id}/restoration",
    "/users/{}/roles": "POST /users/{user_id}/grants",
    "/users/{}/roles/{}/end": "DELETE /users/{user_id}/grants/{grant_id}",
    "/users/{}/sessions/{}/end": "DELETE /users/{user_id}/sessions/{session_id}",
    "/users/{}/sessions/end": "DELETE /users/{user_id}/sessions",
    "/users/display": OWN_DISPLAY,
    "/views": "POST /views",
    "/views/{}": "PATCH /views/{view_id}",
    "/views/{}/address": "PATCH /views/{view_id}",
    "/views/{}/deletion": "DELETE /views/{view_id}",
    "/views/{}/sharing/end": "DELETE /views/{view_id}/sharing",
    "/views/{}/start": OWN_DISPLAY,
    "/views/start/end": OWN_DISPLAY,
}
# Operations that change something and are not the only one of an action. → The action that does the same in the pages.
ONLY_API = {
    "POST /users/batch": "/users",
    "PUT /settings/logo": "/settings/organisation",
    "DELETE /settings/logo": "/settings/organisation",
    "DELETE /users/{user_id}/factors": "/users/{}/factors/{}/removal",
    "POST /scheduled-exports/{export_id}/restoration": "/audit/{}/undo",
    "POST /feeds/{feed_id}/restoration": "/audit/{}/undo",
    "POST /webhooks/{webhook_id}/restoration": "/audit/{}/undo",
}


def operations() -> set[str]:
    """Return each operation of the API as `POST /users/{user_id}`."""
    found = set()
    for rule in APP.url_map.iter_rules():
        if rule.rule.startswith(API):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule.removeprefix(API))
            found |= {f"{method} {path}" for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    return found


def page_actions() -> set[str]:
    """Return the route of each page that changes something, with `{}` for its variables."""
    return {
        re.sub(r"<[^>]+>", "{}", rule.rule)
        for rule in APP.url_map.iter_rules()
        if not rule.rule.startswith("/api/")
        and ((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"} or rule.endpoint in GETS_THAT_WRITE)
    }


def test_every_action_of_the_pages_has_an_operation_or_a_reason() -> None:
    assert page_actions() == ACTIONS.keys()


def test_the_operations_exist() -> None:
    named = {text for text in ACTIONS.values() if re.match(r"[A-Z]+ /", text)}
    assert len(named) > 60
    assert named <= operations()


def test_every_operation_that_changes_something_has_a_page() -> None:
    changing = {operation for operation in operations() if not operation.startswith("GET ")}
    assert changing == {text for text in ACTIONS.values() if text in changing} | ONLY_API.keys()
    assert set(ONLY_API.values()) <= ACTIONS.keys()

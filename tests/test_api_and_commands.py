"""What a program can do by the API, an operator can do on the command line. New operations need an entry here."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from tests.app_without_database import APP
from tests.commands import every_command
from tests.test_pages_and_api import operations

pytestmark = pytest.mark.one_engine

# Reasons why the command line does not need an operation.
OF_A_TOKEN = "The token that sends the request."
DESCRIPTION = "The description of the API itself. `flask openapi` writes it."
PAGED = "`list` finds it."
PICTURE = "The pages and the API show pictures. The command line sets and removes them."
AT_ONCE = "The command imports at once. Ctrl-C stops it, and it says what was done."
FOLLOWED = "A reader follows the stream over HTTP. `audit list` prints what happened."

# Operation of the API → command, or the reason why there is none.
COMMANDS = {
    "DELETE /attributes/{attribute_id}": "attributes delete",
    "DELETE /event-push": "event-stream remove",
    "DELETE /event-push/pause": "event-stream resume",
    "DELETE /feeds/{feed_id}": "feeds delete",
    "DELETE /feeds/{feed_id}/pause": "feeds resume",
    "DELETE /groups/{group_id}": "groups delete",
    "DELETE /groups/{group_id}/grants/{grant_id}": "groups remove-role",
    "DELETE /groups/{group_id}/members/{user_id}": "groups remove-member",
    "DELETE /import-mappings/{mapping_id}": "imports delete-mapping",
    "DELETE /imports/{import_id}": AT_ONCE,
    "DELETE /roles/{role_id}": "roles delete",
    "DELETE /schedules/{name}/pause": "schedules resume",
    "DELETE /scheduled-exports/{export_id}": "exports delete",
    "DELETE /scheduled-exports/{export_id}/pause": "exports resume",
    "DELETE /settings/logo": "settings remove-logo",
    "DELETE /tokens/{token_id}": "tokens revoke",
    "DELETE /users/{user_id}": "users delete",
    "DELETE /users/{user_id}/deactivation": "users reactivate",
    "DELETE /users/{user_id}/email-change": "users email-change",
    "DELETE /users/{user_id}/factors": "users remove-factors",
    "DELETE /users/{user_id}/factors/{factor}": "users remove-factors",
    "DELETE /users/{user_id}/grants/{grant_id}": "users remove-role",
    "DELETE /users/{user_id}/invitation": "users revoke-invitation",
    "DELETE /users/{user_id}/notes/{note_id}": "users delete-note",
    "DELETE /users/{user_id}/photo": "users photo",
    "DELETE /users/{user_id}/sessions": "users end-sessions",
    "DELETE /users/{user_id}/sessions/{session_id}": "users end-sessions",
    "DELETE /views/{view_id}": "views delete",
    "DELETE /views/{view_id}/sharing": "views stop-sharing",
    "DELETE /webhooks/{webhook_id}": "webhooks delete",
    "DELETE /webhooks/{webhook_id}/pause": "webhooks resume",
    "GET /access-review": "reviews list",
    "GET /attributes": "attributes list",
    "GET /attributes/{attribute_id}": "attributes show",
    "GET /audit-archives": "audit archives",
    "GET /audit-records": "audit list",
    "GET /audit-records/{record_id}": "audit show",
    "GET /bulk-changes": "bulk list",
    "GET /duplicates": "duplicates list",
    "GET /bulk-changes/{bulk_id}": "bulk show",
    "GET /bulk-changes/{bulk_id}/people": "bulk people",
    "GET /event-push": "event-stream show",
    "GET /events": FOLLOWED,
    "GET /feeds": "feeds list",
    "GET /feeds/{feed_id}": "feeds show",
    "GET /feeds/{feed_id}/runs": "feeds runs",
    "GET /groups": "groups list",
    "GET /groups/{group_id}": "groups show",
    "GET /groups/{group_id}/grants": "groups roles",
    "GET /groups/{group_id}/grants/{grant_id}": PAGED,
    "GET /groups/{group_id}/members": "groups members",
    "GET /groups/{group_id}/members/{user_id}": PAGED,
    "GET /import-mappings": "imports mappings",
    "GET /import-mappings/{mapping_id}": "imports show-mapping",
    "GET /imports": "imports list",
    "GET /imports/{import_id}": "imports show",
    "GET /imports/{import_id}/rows": "imports rows",
    "GET /jobs": "jobs list",
    "GET /jobs/{job_id}": "jobs show",
    "GET /jobs/{job_id}/file": "jobs file",
    "GET /me": OF_A_TOKEN,
    "GET /openapi.json": DESCRIPTION,
    "GET /roles": "roles list",
    "GET /roles/{role_id}": "roles show",
    "GET /scheduled-exports": "exports list",
    "GET /scheduled-exports/{export_id}": "exports show",
    "GET /scheduled-exports/{export_id}/runs": "exports runs",
    "GET /schedules": "schedules list",
    "GET /schedules/{name}": "schedules show",
    "GET /settings": "settings show",
    "GET /settings/logo": "settings logo",
    "GET /tokens": "tokens list",
    "GET /tokens/{token_id}": "tokens show",
    "GET /users": "users list",
    "GET /users/{user_id}": "users show",
    "GET /users/{user_id}/access": "users access",
    "GET /users/{user_id}/activity": "users activity",
    "GET /users/{user_id}/email-change": "users email-change",
    "GET /users/{user_id}/factors": "users factors",
    "GET /users/{user_id}/grants": "users roles",
    "GET /users/{user_id}/grants/{grant_id}": PAGED,
    "GET /users/{user_id}/invitation": "users invitation",
    "GET /users/{user_id}/notes": "users notes",
    "GET /users/{user_id}/notes/{note_id}": PAGED,
    "GET /users/{user_id}/photo": PICTURE,
    "GET /users/{user_id}/sessions": "users sessions",
    "GET /views": "views list",
    "GET /views/{view_id}": "views show",
    "GET /webhooks": "webhooks list",
    "GET /webhooks/{webhook_id}": "webhooks show",
    "GET /webhooks/{webhook_id}/deliveries": "webhooks deliveries",
    "GET /webhooks/{webhook_id}/deliveries/{delivery_id}": "webhooks delivery",
    "PATCH /attributes/{attribute_id}": "attributes update",
    "PATCH /groups/{group_id}": "groups update",
    "PATCH /import-mappings/{mapping_id}": "imports rename-mapping",
    "PATCH /roles/{role_id}": "roles update",
    "PATCH /settings": "settings update",
    "PATCH /users/{user_id}": "users update",
    "PATCH /users/{user_id}/notes/{note_id}": "users edit-note",
    "PATCH /views/{view_id}": "views update",
    "PATCH /webhooks/{webhook_id}": "webhooks edit",
    "POST /access-review/file": "reviews export",
    "POST /attributes": "attributes create",
    "POST /attributes/{attribute_id}/restoration": "attributes restore",
    "POST /audit-records/{record_id}/undo": "audit undo",
    "POST /bulk-changes": "bulk create",
    "POST /bulk-changes/{bulk_id}/application": "bulk apply",
    "POST /bulk-changes/{bulk_id}/file": "bulk export",
    "POST /bulk-changes/{bulk_id}/preview": "bulk preview",
    "POST /bulk-changes/{bulk_id}/stop": "bulk stop",
    "POST /bulk-changes/{bulk_id}/undo": "bulk undo",
    "POST /duplicates/{pair_id}/dismissal": "duplicates dismiss",
    "POST /event-push/pause": "event-stream pause",
    "POST /event-push/test": "event-stream test",
    "PATCH /feeds/{feed_id}": "feeds edit",
    "POST /feeds": "feeds add",
    "POST /feeds/{feed_id}/pause": "feeds pause",
    "POST /feeds/{feed_id}/restoration": "feeds restore",
    "POST /feeds/{feed_id}/run": "feeds run",
    "POST /groups": "groups create",
    "POST /groups/{group_id}/grants": "groups give-role",
    "POST /groups/{group_id}/members": "groups add-member",
    "POST /groups/{group_id}/restoration": "groups restore",
    "POST /jobs/{job_id}/cancellation": "jobs cancel",
    "POST /jobs/{job_id}/retry": "jobs retry",
    "POST /reports/dormant": "reports dormant",
    "POST /roles": "roles create",
    "POST /roles/{role_id}/restoration": "roles restore",
    "PATCH /scheduled-exports/{export_id}": "exports edit",
    "POST /scheduled-exports": "exports add",
    "POST /scheduled-exports/{export_id}/pause": "exports pause",
    "POST /scheduled-exports/{export_id}/restoration": "exports restore",
    "POST /scheduled-exports/{export_id}/run": "exports run",
    "POST /schedules/{name}/pause": "schedules pause",
    "POST /schedules/{name}/run": "schedules run",
    "POST /settings/test-mail": "settings test-mail",
    "POST /tokens": "tokens create",
    "POST /tokens/{token_id}/rotation": "tokens rotate",
    "POST /imports": "users import",
    "POST /imports/{import_id}/application": "users import",
    "POST /imports/{import_id}/invitations/stop": AT_ONCE,
    "POST /imports/{import_id}/preview": "users import",
    "POST /imports/{import_id}/stop": AT_ONCE,
    "POST /imports/{import_id}/undo": "imports undo",
    "POST /users": "users create",
    "POST /users/batch": "users import",
    "POST /users/{user_id}/compromise": "users mark-compromised",
    "POST /users/{user_id}/deactivation": "users deactivate",
    "POST /users/{user_id}/erasure": "users purge",
    "POST /users/{user_id}/grants": "users give-role",
    "POST /users/{user_id}/invitation": "users send-invitation",
    "POST /users/{user_id}/invitation/link": "users invitation-link",
    "POST /users/{user_id}/merges": "users merge",
    "POST /users/{user_id}/notes": "users note",
    "POST /users/{user_id}/one-time-pass": "users recover",
    "POST /users/{user_id}/password-reset": "users reset-password",
    "POST /users/{user_id}/restoration": "users restore",
    "POST /views": "views create",
    "POST /webhooks": "webhooks create",
    "POST /webhooks/{webhook_id}/deliveries/{delivery_id}/redelivery": "webhooks redeliver",
    "POST /webhooks/{webhook_id}/pause": "webhooks pause",
    "POST /webhooks/{webhook_id}/restoration": "webhooks restore",
    "POST /webhooks/{webhook_id}/rotation": "webhooks rotate",
    "POST /webhooks/{webhook_id}/test": "webhooks test",
    "PUT /event-push": "event-stream set",
    "PUT /attributes/{attribute_id}/position": "attributes move",
    "PUT /settings/logo": "settings set-logo",
    "PUT /users/{user_id}/photo": "users photo",
}
# Groups of commands of libraries, and commands that print no data.
FOREIGN = {"db", "limiter", "openapi", "routes", "run", "shell"}
PRINT_NOTHING = {
    "completion",
    "demo",
    "export-config",
    "audit heads",
    "bulk export",
    "exports delete",
    "feeds delete",
    "groups remove-member",
    "imports delete-mapping",
    "groups remove-role",
    "jobs file",
    "reviews export",
    "settings logo",
    "settings test-mail",
    "setup link",
    "users delete-note",
    "users end-sessions",
    "users export",
    "users mark-compromised",
    "users remove-factors",
    "users remove-role",
    "users reset-password",
    "views delete",
    "webhooks delete",
}


def commands() -> Iterator[tuple[str, click.Command]]:
    """Return each command of Rollcall with its name, such as `users list`."""
    for name, command in every_command(APP.cli):
        if name.partition(" ")[0] not in FOREIGN:
            yield name, command


def test_every_operation_has_a_command_or_a_reason() -> None:
    assert operations() == COMMANDS.keys()


def test_the_commands_exist() -> None:
    known = {name for name, _command in commands()}
    named = {text for text in COMMANDS.values() if not text.endswith(".")}
    assert len(named) > 80
    assert named <= known


def test_every_command_explains_itself_and_prints_json() -> None:
    for name, command in commands():
        result = APP.test_cli_runner().invoke(args=[*name.split(), "--help"])
        assert (result.exit_code, result.output.startswith("Usage:")) == (0, True), name
        assert command.get_short_help_str(limit=200), name
        assert ("--json" in result.output) != (name in PRINT_NOTHING), name


def test_a_wrong_use_has_the_exit_code_2() -> None:
    for name, _command in commands():
        result = APP.test_cli_runner().invoke(args=[*name.split(), "--nonsense"])
        assert (result.exit_code, "Traceback" in result.output) == (2, False), name

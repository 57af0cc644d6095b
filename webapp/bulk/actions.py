"""The bulk actions: what can be done to many people at once."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.audit.actions import Action
from webapp.bulk import changes
from webapp.core.errors import Refused
from webapp.core.permissions import Permission
from webapp.core.plurals import PluralText
from webapp.core.texts import _

EXPORT = "export"
# Actions for people in the bin. RESTORE is only for them.
RESTORE = "restore"
BIN_ACTIONS = (EXPORT, RESTORE)
PREVIEW_HEADING = PluralText("%(count)s person will change", "%(count)s people will change")


@dataclass(frozen=True, kw_only=True)
class BulkAction:
    """One thing that can be done to many people.

    `title` is the title of the page and the text of the button. `argument_form` is a key of `forms.ARGUMENT_FORMS`, or
    empty if the action needs no argument. `recorded_as` and `undo_recorded_as` are the audit actions of one person's
    change and of its undo. `sudo` and `undo_sudo`: applying or undoing needs a recent password.
    """

    name: str
    label: str
    title: PluralText
    preview_heading: PluralText = PREVIEW_HEADING
    permission: Permission
    change: changes.Change
    recorded_as: Action
    undo_recorded_as: Action
    argument_form: str = ""
    sudo: bool = False
    undo_sudo: bool = False
    danger: bool = False

    @property
    def needs_argument(self) -> bool:
        return bool(self.argument_form)


def get_action(name: str) -> BulkAction:
    """Raise Refused if there is no action of this name."""
    if name not in ACTIONS:
        raise Refused(_("Choose an action"), field="action", code="unknown")
    return ACTIONS[name]


ACTIONS = {
    action.name: action
    for action in (
        BulkAction(
            name="deactivate",
            label=_("Deactivate"),
            title=PluralText("Deactivate %(count)s person", "Deactivate %(count)s people"),
            preview_heading=PluralText("%(count)s person will be deactivated", "%(count)s people will be deactivated"),
            permission=Permission.USERS_DEACTIVATE,
            change=changes.deactivate,
            recorded_as=Action.USER_DEACTIVATED,
            undo_recorded_as=Action.USER_REACTIVATED,
            danger=True,
        ),
        BulkAction(
            name="reactivate",
            label=_("Reactivate"),
            title=PluralText("Reactivate %(count)s person", "Reactivate %(count)s people"),
            preview_heading=PluralText("%(count)s person will be reactivated", "%(count)s people will be reactivated"),
            permission=Permission.USERS_DEACTIVATE,
            change=changes.reactivate,
            recorded_as=Action.USER_REACTIVATED,
            undo_recorded_as=Action.USER_DEACTIVATED,
        ),
        BulkAction(
            name="invite",
            label=_("Send invitation"),
            title=PluralText("Send invitation to %(count)s person", "Send invitation to %(count)s people"),
            preview_heading=PluralText(
                "%(count)s person will get an invitation", "%(count)s people will get an invitation"
            ),
            permission=Permission.USERS_CREATE,
            change=changes.invite,
            recorded_as=Action.INVITATION_SENT,
            undo_recorded_as=Action.INVITATION_REVOKED,
        ),
        BulkAction(
            name="revoke_invitation",
            label=_("Revoke invitation"),
            title=PluralText("Revoke invitation of %(count)s person", "Revoke invitations of %(count)s people"),
            permission=Permission.USERS_CREATE,
            change=changes.revoke_invitation,
            recorded_as=Action.INVITATION_REVOKED,
            undo_recorded_as=Action.INVITATION_SENT,
            danger=True,
        ),
        BulkAction(
            name="add_role",
            label=_("Give role"),
            title=PluralText("Give role to %(count)s person", "Give role to %(count)s people"),
            permission=Permission.ROLES_GRANT,
            change=changes.add_role,
            recorded_as=Action.ROLE_GRANTED,
            undo_recorded_as=Action.ROLE_REVOKED,
            argument_form="role",
            sudo=True,
            undo_sudo=True,
        ),
        BulkAction(
            name="remove_role",
            label=_("Remove role"),
            title=PluralText("Remove role from %(count)s person", "Remove role from %(count)s people"),
            permission=Permission.ROLES_GRANT,
            change=changes.remove_role,
            recorded_as=Action.ROLE_REVOKED,
            undo_recorded_as=Action.ROLE_GRANTED,
            argument_form="role",
            sudo=True,
            undo_sudo=True,
        ),
        BulkAction(
            name="add_group",
            label=_("Add to a group"),
            title=PluralText("Add %(count)s person to group", "Add %(count)s people to group"),
            permission=Permission.GROUPS_MANAGE,
            change=changes.add_to_group,
            recorded_as=Action.MEMBER_ADDED,
            undo_recorded_as=Action.MEMBER_REMOVED,
            argument_form="group",
        ),
        BulkAction(
            name="remove_group",
            label=_("Remove from group"),
            title=PluralText("Remove %(count)s person from group", "Remove %(count)s people from group"),
            permission=Permission.GROUPS_MANAGE,
            change=changes.remove_from_group,
            recorded_as=Action.MEMBER_REMOVED,
            undo_recorded_as=Action.MEMBER_ADDED,
            argument_form="group",
        ),
        BulkAction(
            name="end_access",
            label=_("Set access end date"),
            title=PluralText("Set access end date for %(count)s person", "Set access end date for %(count)s people"),
            permission=Permission.USERS_EDIT,
            change=changes.set_access_end,
            recorded_as=Action.USER_UPDATED,
            undo_recorded_as=Action.USER_UPDATED,
            argument_form="access_end",
        ),
        BulkAction(
            name="set_attribute",
            label=_("Set attribute"),
            title=PluralText("Set attribute for %(count)s person", "Set attribute for %(count)s people"),
            permission=Permission.USERS_EDIT,
            change=changes.set_attribute,
            recorded_as=Action.USER_UPDATED,
            undo_recorded_as=Action.USER_UPDATED,
            argument_form="attribute",
        ),
        BulkAction(
            name=EXPORT,
            label=_("Export to file"),
            title=PluralText("Export %(count)s person", "Export %(count)s people"),
            permission=Permission.USERS_EXPORT,
            change=changes.no_change,
            recorded_as=Action.USERS_EXPORTED,
            undo_recorded_as=Action.USERS_EXPORTED,
            sudo=True,
        ),
        BulkAction(
            name=RESTORE,
            label=_("Restore"),
            title=PluralText("Restore %(count)s person", "Restore %(count)s people"),
            preview_heading=PluralText("%(count)s person will be restored", "%(count)s people will be restored"),
            permission=Permission.USERS_DELETE,
            change=changes.restore,
            recorded_as=Action.USER_RESTORED,
            undo_recorded_as=Action.USER_DELETED,
            undo_sudo=True,
        ),
        BulkAction(
            name="delete",
            label=_("Delete"),
            title=PluralText("Delete %(count)s person", "Delete %(count)s people"),
            preview_heading=PluralText("%(count)s person will be deleted", "%(count)s people will be deleted"),
            permission=Permission.USERS_DELETE,
            change=changes.delete,
            recorded_as=Action.USER_DELETED,
            undo_recorded_as=Action.USER_RESTORED,
            sudo=True,
            danger=True,
        ),
    )
}

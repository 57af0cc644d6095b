"""Says whether the roles and groups that a file names exist here."""

from __future__ import annotations

from webapp.access.checks import powers_of_actor
from webapp.access.models import Group, Role
from webapp.access.queries import find_by_name
from webapp.core.permissions import Actor, Permission
from webapp.core.text import caseless_key
from webapp.imports.files.suggestions import IsKnown
from webapp.imports.lookups import SCOPE_SEPARATOR


def known_names(by: Actor) -> IsKnown:
    """Return a function for `files.recognise`. Groups that `by` cannot see do not exist."""
    reach = powers_of_actor(by).reach(Permission.USERS_READ)

    def is_known(target: str, name: str) -> bool:
        # “Helpdesk · North branch” is a role within a group.
        key = caseless_key(name.partition(SCOPE_SEPARATOR)[0] if target == "roles" else name)
        return find_by_name(Role if target == "roles" else Group, key, reach=reach) is not None

    return is_known

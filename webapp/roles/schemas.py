"""Roles and grants in JSON."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from webapp.access.models import DESCRIPTION_MAX, NAME_MAX, Group, Role, RoleGrant
from webapp.core.permissions import Permission
from webapp.core.schemas import EtagSchema, Parameters, Schema, SearchText, UtcTime
from webapp.groups.schemas import ENDS_AT, STARTS_AT, GroupPath
from webapp.lists.schemas import SEARCH_MAX, CountOut, PageQuery
from webapp.lists.sparse import FIELDS, answer_of, names_of, page_answer_of, part_of
from webapp.users.schemas import Moment, UserPath

PERMISSIONS = "What its holders can do. You cannot give permissions that you lack."


def _sorted(permissions: list[Permission]) -> list[Permission]:
    return sorted(set(permissions))


Permissions = Annotated[list[Permission], AfterValidator(_sorted)]


class RolePath(BaseModel):
    role_id: UUID = Field(description="The ID of the role.")


class RoleIn(Schema):
    """A new role."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Reception", "permissions": ["users.read", "users.create"]}]}
    )

    name: str = Field(min_length=1, max_length=NAME_MAX, description="No other role can have this name.")
    description: str = Field("", max_length=DESCRIPTION_MAX)
    permissions: Permissions = Field(max_length=len(Permission), description=PERMISSIONS)


class RolePatch(Schema):
    """Changes of a role. Fields that you leave out stay as they are. null empties a field."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"description": "Front desk", "permissions": ["users.read"]}]}
    )

    # The defaults are never used: the API reads only the fields that were sent.
    name: str = Field(default_factory=str, min_length=1, max_length=NAME_MAX)
    description: str | None = Field(None, max_length=DESCRIPTION_MAX)
    permissions: Permissions = Field(default_factory=list, max_length=len(Permission), description=PERMISSIONS)

    @property
    def changes(self) -> dict[str, Any]:
        """The sent fields, as the service takes them."""
        fields = self.model_dump(exclude_unset=True)
        return fields | ({"description": fields["description"] or ""} if "description" in fields else {})


class RoleOut(EtagSchema):
    """A role."""

    id: UUID
    name: str
    description: str
    permissions: list[Permission]
    built_in: bool = Field(description="Built-in roles cannot be changed.")
    created_at: UtcTime
    version: int

    @classmethod
    def of(cls, role: Role) -> Self:
        return cls(
            id=role.id,
            name=role.name,
            description=str(role.shown_description),
            permissions=sorted(role.allows),
            built_in=role.built_in,
            created_at=role.created_at,
            version=role.version,
        )


class RolePage(Schema):
    """A page of roles. `next` and `previous` are values of `after` and `before`."""

    items: list[RoleOut]
    next: str | None
    previous: str | None
    count: CountOut


RoleFields = Annotated[tuple[str, ...], *names_of(RoleOut.model_fields)]
RolePart = part_of(RoleOut)
RoleAnswer = answer_of(RoleOut, RolePart)
RolePageAnswer = page_answer_of(RolePage, RolePart)


class RoleQuery(Parameters):
    fields: RoleFields = Field(default_factory=tuple, description=FIELDS)


class RoleListQuery(PageQuery, RoleQuery):
    pass


class GroupGrantListQuery(PageQuery):
    relation: Literal["held", "within"] = Field(
        "held",
        description="`held`: roles that the members of the group have through it. `within`: roles that count only over"
        " the members of the group, like those of its owners.",
    )


class UserGrantPath(UserPath):
    grant_id: UUID = Field(description="The ID of the grant.")


class GroupGrantPath(GroupPath):
    grant_id: UUID = Field(description="The ID of the grant.")


class GrantIn(Schema):
    """A role to give."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"role": "Helpdesk", "within": "Sales", "ends_at": "2099-03-31T18:00:00Z"}]}
    )

    role: SearchText = Field(min_length=1, max_length=SEARCH_MAX, description="Name or ID of the role.")
    within: SearchText | None = Field(
        None,
        min_length=1,
        max_length=SEARCH_MAX,
        description="Name or ID of a group: the role counts only over its members. Default: everywhere.",
    )
    starts_at: Moment | None = Field(None, description=STARTS_AT)
    ends_at: Moment | None = Field(None, description=ENDS_AT)


class NamedOut(Schema):
    id: UUID
    name: str

    @classmethod
    def of(cls, row: Role | Group | None) -> Self | None:
        return cls.model_validate(row) if row else None


class GrantOut(Schema):
    """A user or a group holds a role for a period, everywhere or within a group."""

    id: UUID
    role: NamedOut
    user_id: UUID | None = Field(description="The user who holds it.")
    group: NamedOut | None = Field(description="The group whose members hold it. `null` if a user holds it.")
    within: NamedOut | None = Field(description="It counts only over the members of this group. `null`: everywhere.")
    starts_at: UtcTime
    ends_at: UtcTime | None
    created_by: str = Field(description="Who gave the role.")

    @classmethod
    def of(cls, grant: RoleGrant) -> Self:
        return cls(
            id=grant.id,
            role=NamedOut.model_validate(grant.role),
            user_id=grant.user_id,
            group=NamedOut.of(grant.group),
            within=NamedOut.of(grant.scope),
            starts_at=grant.starts_at,
            ends_at=grant.ends_at,
            created_by=grant.created_by,
        )


class GrantPage(Schema):
    """A page of grants. `next` and `previous` are values of `after` and `before`."""

    items: list[GrantOut]
    next: str | None
    previous: str | None
    count: CountOut

"""Exports of other systems, with the headings that these systems write."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.imports.reading import attribute, recognised, rows_of, targets
from webapp.bulk.export_columns import HEADINGS
from webapp.core.texts import in_all_languages

ANNA = "anna@example.com"

TABLES = {
    "google, bulk upload": (
        "google",
        (
            "First Name [Required],Last Name [Required],Email Address [Required],Password [Required],"
            "Password Hash Function [UPLOAD ONLY],Org Unit Path [Required],New Primary Email [UPLOAD ONLY],"
            "Recovery Email,Home Secondary Email,Work Secondary Email,Employee ID,Status [READ ONLY]\n"
            "Anna,Berg,anna@example.com,****,,/,,rec@example.com,,,17,Active\n"
        ),
        "active",
    ),
    "entra, bulk template": (
        "entra",
        (
            "version:v1.0,,,,,\n"
            "Name [displayName] Required,User name [userPrincipalName] Required,"
            "Initial password [passwordProfile] Required,Block sign in (Yes/No) [accountEnabled] Required,"
            "First name [givenName],Last name [surname]\n"
            "Anna Berg,anna@example.com,secret,Yes,Anna,Berg\n"
        ),
        "deactivated",
    ),
    "entra, admin centre": (
        "entra",
        (
            "Block credential,City,Display name,First name,Last name,User principal name\n"
            "False,Oslo,Anna Berg,Anna,Berg,anna@example.com\n"
        ),
        "active",
    ),
    "entra, PowerShell": (
        "entra",
        (
            "#TYPE Selected.Microsoft.Open.AzureAD.Model.User\n"
            '"DisplayName","UserPrincipalName","AccountEnabled","Mail"\n'
            '"Anna Berg","anna@example.com","False",""\n'
        ),
        "deactivated",
    ),
    "active directory": (
        "ad",
        (
            '"DistinguishedName","Enabled","GivenName","Name","SamAccountName","Surname","UserPrincipalName","mail"\n'
            '"CN=Anna Berg,OU=Staff,DC=example,DC=com","False","Anna","Anna Berg","aberg","Berg","anna@example.com",\n'
        ),
        "deactivated",
    ),
    "okta": (
        "okta",
        "login,firstName,lastName,email,secondEmail,status\nanna@example.com,Anna,Berg,anna@example.com,,DEPROVISIONED\n",
        "deactivated",
    ),
    "german": (
        "csv",
        "Personalnummer;Name;Vorname;E-Mail-Adresse;Status\n17;Berg;Anna;anna@example.com;ausgeschieden\n",
        "deactivated",
    ),
    "russian": (
        "csv",
        "Табельный номер;Ф.И.О. сотрудника;Рабочая почта;Статус\n17;Anna Berg;anna@example.com;Уволен\n",
        "deactivated",
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_a_system_is_read(name: str) -> None:
    system, content, status = TABLES[name]
    (row,) = rows_of(content)
    assert recognised(content).format == system
    assert (row.email, row.name, row.status, row.problems) == (ANNA, "Anna Berg", status, ())


def test_a_password_of_a_template_is_read_but_never_shown() -> None:
    content = TABLES["entra, bulk template"][1]
    (row,) = rows_of(content)
    assert row.password == "secret"
    assert "secret" not in repr(row)
    assert "secret" not in json.dumps(recognised(content).to_json())
    (row,) = rows_of(TABLES["google, bulk upload"][1])
    assert row.password is None


OKTA = {
    "id": "00u1",
    "status": "SUSPENDED",
    "profile": {"login": ANNA, "email": ANNA, "firstName": "Anna", "lastName": "Berg", "state": "CA"},
    "credentials": {"provider": {"type": "OKTA"}},
}
SCIM = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "id": "1",
    "userName": "aberg",
    "name": {"givenName": "Anna", "familyName": "Berg", "formatted": "Anna Berg"},
    "emails": [{"value": "home@example.com"}, {"value": ANNA, "primary": True}],
    "active": False,
    "groups": [{"value": "9", "display": "Staff"}],
}
GOOGLE = {
    "kind": "admin#directory#user",
    "primaryEmail": ANNA,
    "name": {"givenName": "Anna", "familyName": "Berg", "fullName": "Anna Berg"},
    "suspended": True,
    "orgUnitPath": "/",
    "emails": [{"address": ANNA, "primary": True}],
}
KEYCLOAK = {
    "username": "aberg",
    "enabled": False,
    "emailVerified": True,
    "email": ANNA,
    "firstName": "Anna",
    "lastName": "Berg",
}
GRAPH = {
    "userPrincipalName": ANNA,
    "displayName": "Anna Berg",
    "mail": None,
    "accountEnabled": False,
    "businessPhones": [],
}
OBJECTS: dict[str, tuple[str, Any]] = {
    "okta, list": ("okta", [OKTA, OKTA]),
    "scim": ("scim", {"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "Resources": [SCIM, SCIM]}),
    "google": ("google", {"kind": "admin#directory#users", "users": [GOOGLE, GOOGLE]}),
    "keycloak, several realms": ("keycloak", [{"realm": "a", "roles": [{"name": "x"}], "users": [KEYCLOAK, KEYCLOAK]}]),
    "microsoft graph": ("entra", {"@odata.context": "x", "value": [GRAPH, GRAPH]}),
}  # fmt: skip


@pytest.mark.parametrize("name", OBJECTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_json_of_a_system_is_read(name: str, encoding: str) -> None:
    system, data = OBJECTS[name]
    content = json.dumps(data, indent=1, ensure_ascii=False).encode(encoding)
    rows = rows_of(content)
    assert recognised(content).format == system
    assert [(row.email, row.name, row.status, row.problems) for row in rows] == [
        (ANNA, "Anna Berg", "deactivated", ())
    ] * 2


def test_json_lines_are_read_and_a_damaged_line_is_refused() -> None:
    content = f'{json.dumps(OKTA)}\n\n{{"broken\n{json.dumps(OKTA)}\n'
    assert recognised(content).container == "jsonl"
    assert [(row.number, bool(row.problems)) for row in rows_of(content)] == [(1, False), (3, True), (4, False)]


def test_the_rest_of_damaged_json_is_refused() -> None:
    good, bad = rows_of(f"[{json.dumps(SCIM)}, {{]")
    assert (good.email, bad.number) == (ANNA, 2)
    assert "From here on the file cannot be read" in bad.problems[0]


def test_dumpdata_of_another_user_model_is_read() -> None:
    fields = {"password": "!x", "email": ANNA, "full_name": "Anna Berg", "is_active": False, "groups": [1]}
    data = [
        {"model": "auth.group", "pk": 1, "fields": {"name": "x"}},
        {"model": "staff.user", "pk": 4, "fields": fields},
    ]
    (row,) = rows_of(json.dumps(data))
    assert (row.number, row.email, row.name, row.status, row.password_hash) == (
        2,
        ANNA,
        "Anna Berg",
        "deactivated",
        None,
    )


ACTIVE_DIRECTORY = """\
dn: CN=Anna Berg,OU=Staff,DC=example,DC=com
changetype: add
objectClass: top
objectClass: person
objectClass: user
cn: Anna Berg
sAMAccountName: aberg
userAccountControl: 514
userPrincipalName: anna@example.com
accountExpires: 9223372036854775807
manager: CN=Boss,OU=Staff,DC=example,DC=com
memberOf: CN=Sales,OU=Groups,DC=example,DC=com

dn: CN=Boss,OU=Staff,DC=example,DC=com
objectClass: user
displayName: Bo Ss
sAMAccountName: boss
userAccountControl: 512
mail: boss@example.com
accountExpires: 134277696000000000

dn: CN=PC1,DC=example,DC=com
objectClass: user
objectClass: computer
sAMAccountName: PC1$
"""


def test_ldif_of_active_directory_is_read() -> None:
    anna, boss = rows_of(ACTIVE_DIRECTORY)
    assert (anna.email, anna.username, anna.status, anna.ends_at) == (ANNA, "aberg", "deactivated", "")
    assert anna.manager == "boss@example.com"
    assert (boss.name, boss.status, boss.ends_at) == ("Bo Ss", None, "2026-07-06T00:00:00+00:00")


LDIF = """\
version: 1

# a comment
 that is folded
dn: uid=aberg,dc=example
objectClass: inetOrgPerson
uid: aberg
cn:: QW5uYSBCZXJn
mail: anna@exam
 ple.com
jpegPhoto:: /9j/4AAQ
userPassword:: JDJiJDA0JHdyb25n
nsAccountLock: TRUE
seeAlso:< file:///etc/passwd

dn: uid=x,dc=example
changetype: modify
replace: cn

dn: uid=y,dc=example
objectClass: person
mail:: ???
"""


def test_ldif_is_unfolded_and_entries_that_cannot_be_read_are_refused() -> None:
    anna, change, damaged = rows_of(LDIF)
    assert (anna.number, anna.email, anna.name, anna.status) == (5, ANNA, "Anna Berg", "deactivated")
    assert (change.number, damaged.number) == (16, 20)
    assert all(row.problems for row in (change, damaged))


def test_the_first_of_several_values_counts() -> None:
    entry = "dn: uid=a\nobjectClass: person\nmail: a@x.org\nmail: b@x.org\ncn: Ann\ncn: Anna\ntelephoneNumber: 1\n"
    (row,) = rows_of(entry + "telephoneNumber: 2\naccountExpires: 0\n", attributes=[attribute("phone")])
    assert (row.email, row.name, row.attributes, row.ends_at) == ("a@x.org", "Ann", {"phone": "1, 2"}, "")


def test_ldif_never_reads_another_file() -> None:
    assert "root" not in str(rows_of(LDIF))


@pytest.mark.parametrize("language", [0, 1])
def test_every_heading_of_our_own_export_is_recognised(language: int) -> None:
    headings = [in_all_languages(heading)[language] for heading in map(_source, HEADINGS.values())]
    cells = ["0198-x", "'-Anna Berg", ANNA, "aberg", "", "Auditor", '"a, b", c', "2026-02-01 00:00:00", "", "", ""]
    content = (
        ",".join(f'"{heading}"' for heading in headings)
        + "\n"
        + ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    )
    info, (row,) = recognised(content), rows_of(content)
    assert info.format == "rollcall"
    assert set(targets(info).values()) >= {
        "id",
        "name",
        "email",
        "username",
        "status",
        "roles",
        "groups",
        "starts_at",
        "ends_at",
    }
    assert (row.id, row.name, row.starts_at) == ("0198-x", "-Anna Berg", "2026-02-01T00:00:00+00:00")
    assert row.groups == ("a, b", "c")


def _source(heading: Any) -> str:
    return str(heading)


def test_an_attribute_takes_columns_with_similar_headings() -> None:
    attributes = [attribute("department", label_ru="Отдел"), attribute("job", label_en="Position")]
    (row,) = rows_of("E-mail;Подразделение;Job title;Start\na@x.org;Sales;Clerk;x\n", attributes=attributes)
    assert row.attributes == {"department": "Sales", "job": "Clerk"}


@pytest.mark.parametrize(
    ("content", "groups"),
    [
        (json.dumps([KEYCLOAK | {"groups": ["/Staff/Sales", "/North"]}] * 2), ("Sales", "North")),
        (ACTIVE_DIRECTORY, ("Sales",)),
        (json.dumps({"Resources": [SCIM | {"groups": [{"display": "Sales"}]}] * 2}), ("Sales",)),
    ],
)
def test_groups_of_another_system_count_if_they_exist_here(content: str, groups: tuple[str, ...]) -> None:
    def is_known(target: str, name: str) -> bool:
        return (target, name) in {("groups", "Sales"), ("groups", "North")}

    assert rows_of(content, is_known=is_known)[0].groups == groups
    assert rows_of(content, is_known=lambda target, name: False)[0].groups is None
    assert rows_of(content)[0].groups is None

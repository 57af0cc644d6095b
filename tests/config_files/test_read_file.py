"""A configuration file is strict YAML: each problem is refused with its path and its line."""

from __future__ import annotations

import pytest

from webapp.config_files.reading import FILE_BYTES_MAX, read_config
from webapp.core.errors import Invalid

pytestmark = pytest.mark.one_engine

BOMB = "version: 1\nroles: &a [{name: x}]\ngroups: [*a, *a, *a]\n"


def refusal(content: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        read_config(content)
    return "; ".join([str(caught.value), *(f"{each.field}: {each.message}" for each in caught.value.problems)])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "version: Field required (line 1)"),
        ("version: 2", "version: Input should be 1 (line 1)"),
        ("- a", "file: Input should be an object (line 1)"),
        ("version: 1\nroels: []", "roels: Extra inputs are not permitted (line 2)"),
        ("version: 1\nroles:\n- name: a\n  color: red", "roles[0].color: Extra inputs are not permitted (line 4)"),
        ("version: 1\nroles: []\nroles: []", "roles: This key is there twice (line 3)"),
        ("version: 1\nroles:\n- name: a\n  name: b", "roles[0].name: This key is there twice (line 4)"),
        (BOMB, "groups[0]: Aliases (*name) are not allowed (line 2)"),
        ("version: 1\nroles: &a [*a]", "roles[0]: Aliases (*name) are not allowed (line 2)"),
        ("version: 1\nroles:\n- name: no", "roles[0].name: Enter a text. Put numbers"),
        ("version: 1\nroles:\n- name: 12", "roles[0].name: Enter a text. Put numbers"),
        ("version: 1\nroles:\n- name: 2026-01-01", "roles[0].name: Enter a text. Put numbers"),
        ("version: 1\nroles:\n- name: 1" + "0" * 5000, "roles[0].name: Enter a text."),
        ('version: 1\nroles:\n- name: "a\\0"', "roles[0].name: Remove the characters that are not text"),
        ('version: 1\nroles:\n- name: "\\ud800"', "roles[0].name: Remove the characters that are not text"),
        ("version: 1\nroles: !!python/object:os.system {}", "line 2"),
        ("version: 1\nroles: !!int a", "roles: Enter a text. Put numbers"),
        ("version: 1\nroles: !!bool a", "roles: Enter a text. Put numbers"),
        ("version: 1\nroles: 0x_", "roles: Enter a text. Put numbers"),
        ("version: 1\n<<: {a: 1}", "A key must be a text (line 2)"),
        ("version: 1\n[1]: 2", "A key must be a text (line 2)"),
        ("version: 1\nroles: [", "This is not YAML"),
        ("version: 1\n---\nversion: 1", "This is not YAML"),
        ("a: " + "[" * 100_000, "nested more than 40 levels deep"),
        ("a: " + "[" * 50 + "]" * 50, "nested more than 40 levels deep"),
        ("version: 1\nschedules: {x: {paused: 1}}", "schedules.x.paused: Input should be a valid boolean (line 2)"),
        ("version: 1\nroles:\n- {name: a, permissions: [users.fly]}", "roles[0].permissions[0]: Input should be"),
        ("version: 1\ncomplete: [roles]", "“roles” is complete, but the file does not have it"),
        ("version: 1\ncomplete: [mail]\nmail: {}", "complete[0]: Input should be"),
    ],
)
def test_a_wrong_file_is_refused(text: str, expected: str) -> None:
    assert expected in refusal(text.encode())


def test_bytes_that_are_not_text_are_refused() -> None:
    assert refusal(b"version: 1\nroles: \0") == "The file has the control character U+0000 (line 2)"
    assert refusal(b"version: 1\n\xff") == "The file is not UTF-8 (line 2)"
    assert refusal(b"#" * (FILE_BYTES_MAX + 1)) == "The file is larger than 2 MB"


def test_a_file_with_a_byte_order_mark_is_read() -> None:
    read = read_config("\ufeffversion: 1\nroles:\n- name: Приёмная 🛎\n".encode())
    assert read.config.roles
    assert read.config.roles[0].name == "Приёмная 🛎"
    assert read.lines["roles", 0, "name"] == 3

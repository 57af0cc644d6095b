"""Parts of Rollcall that act without a person have a name in each language."""

from __future__ import annotations

import re

from webapp.audit.labels import SYSTEM_ACTORS
from webapp.settings import ROOT

SYSTEM_ACTOR = re.compile(r'ActorKind\.SYSTEM, "([^"]+)"')


def test_each_system_actor_has_a_text_for_people() -> None:
    names = {name for file in (ROOT / "webapp").rglob("*.py") for name in SYSTEM_ACTOR.findall(file.read_text())}
    assert names - {"Rollcall"} == set(SYSTEM_ACTORS)

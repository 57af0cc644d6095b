"""Style sheets use the colours of tokens.css, and each `!important` has a reason."""

from __future__ import annotations

import re

from webapp.settings import ROOT

FOLDER = ROOT / "static/css"
SHEETS = {str(path.relative_to(FOLDER)): path.read_text() for path in FOLDER.rglob("*.css")}
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
VALUE = re.compile(r":\s*([^;{}]+)[;}]")
FUNCTIONS = "rgba?|hsla?|hwb|lab|lch|oklab|oklch|color|light-dark"
# Without `transparent` and `currentColor`, which are not colours of their own.
NAMES = (
    "black|silver|gr[ae]y|white|maroon|red|purple|fuchsia|green|lime|olive|yellow|navy|blue|teal|aqua|orange|brown|pink"
    "|(?:dark|dim|light|slate)gr[ae]y|whitesmoke|gainsboro|snow|ivory|gold|crimson|indigo|violet|cyan|magenta"
)
COLOUR = re.compile(rf"#[0-9a-f]{{3,8}}\b|\b(?:{FUNCTIONS})\(|(?<![\w-])(?:{NAMES})(?![\w-])", re.IGNORECASE)
# The comment is on the same line or at the end of the line above.
UNEXPLAINED = re.compile(r"^(?<!\*/\n)(?!.*/\*).*!important.*$", re.MULTILINE)


def raw_colours(sheet: str) -> list[str]:
    return [value for value in VALUE.findall(COMMENT.sub("", sheet)) if COLOUR.search(value)]


def test_only_tokens_css_has_raw_colours() -> None:
    assert len(SHEETS) > 10
    assert {name for name, sheet in SHEETS.items() if raw_colours(sheet)} == {"tokens.css"}


def test_every_important_declaration_has_a_reason() -> None:
    assert {name: found for name, sheet in SHEETS.items() if (found := UNEXPLAINED.findall(sheet))} == {}


def test_raw_colours_are_recognised_in_every_notation() -> None:
    for raw in ("color: #fff;", "border:1px solid RED}", "fill: rgb(0 0 0 / .5);", "color: oklch(.9 .1 20);"):
        assert raw_colours(f"a {{ {raw}") != [], raw
    assert raw_colours("a:hover { color: var(--ink); border-color: transparent; } /* #fff; */") == []


def test_a_reason_is_on_the_same_line_or_the_line_above() -> None:
    important = "a { color: inherit !important; }"
    assert UNEXPLAINED.findall(f"/* Why. */\n{important}") == UNEXPLAINED.findall(f"{important} /* Why. */") == []
    assert UNEXPLAINED.findall(f"/* Why. */\n\n{important}") == [important]

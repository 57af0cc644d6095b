"""Places in a configuration file: paths, their lines, and problems that name both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from webapp.core.errors import Problem, Refused

# The keys and indexes from the top of the file to a value.
Path = tuple[str | int, ...]
Lines = Mapping[Path, int]
KEY_SHOWN_MAX = 60


def problem_at(path: Path, code: str, message: str, lines: Lines) -> Problem:
    """Return a problem of the value at `path`, with the line of it, or else of what contains it."""
    known = next((path[:length] for length in range(len(path), -1, -1) if path[:length] in lines), ())
    return Problem(path_text(path), code, f"{message} (line {lines.get(known, 1)})")


def problems_of(error: Refused, path: Path, lines: Lines) -> Iterable[Problem]:
    """Return the problems of an item that a service refused."""
    if not error.problems:
        yield problem_at(path, error.code, str(error), lines)
    for problem in error.problems:
        yield problem_at((*path, problem.field), problem.code, str(problem.message), lines)


def path_text(path: Path) -> str:
    """Return the path as `roles[0].name`. A long key is cut, and its control characters are escaped."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{_shown(part)}" for part in path)
    return text.removeprefix(".") or "file"


def _shown(key: str) -> str:
    return key[:KEY_SHOWN_MAX].encode("unicode_escape").decode() if not key.isprintable() else key[:KEY_SHOWN_MAX]

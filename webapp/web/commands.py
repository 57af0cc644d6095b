"""Explains why a command stopped: one sentence on standard error, or JSON on standard output, and exit code 1."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, NoReturn

import click
from sqlalchemy.exc import SQLAlchemyError

from webapp.core.commands import OutputFailed, Unfinished, print_json
from webapp.core.errors import Refused
from webapp.db.revisions import database_revision, latest_revision
from webapp.db.session import db

STOPPED = "Stopped by Ctrl-C. Each change was made completely or not at all."


def explain_all(group: click.Group) -> None:
    """Let all commands of the group do so."""
    for command in _commands(group):
        explain(command)


def explain(command: click.Command) -> None:
    """Let the command explain expected errors instead of a traceback."""
    # Commands are shared by the apps of a process.
    if command.callback and not hasattr(command.callback, "explains"):
        command.callback = _explained(command.callback)


def _commands(group: click.Group) -> Iterator[click.Command]:
    for command in group.commands.values():
        if isinstance(command, click.Group):
            yield from _commands(command)
        else:
            yield command


def _explained(run: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(run)
    def explained(*arguments: Any, **options: Any) -> Any:
        try:
            return run(*arguments, **options)
        except BrokenPipeError:
            raise
        except (Refused, Unfinished, SQLAlchemyError, OutputFailed, OSError, KeyboardInterrupt) as error:
            _stop(error, as_json=bool(options.get("as_json")))

    explained.explains = True  # type: ignore[attr-defined]  # a mark on a function
    return explained


def _stop(error: BaseException, *, as_json: bool) -> NoReturn:
    unfinished = error if isinstance(error, Unfinished) else None
    cause = (error.__cause__ or error) if unfinished else error
    sentence = f"{_explanation(cause)} {unfinished}" if unfinished else _explanation(cause)
    problems = cause.problems if isinstance(cause, Refused) else []
    if as_json and not isinstance(cause, OutputFailed):
        errors = [{"field": each.field, "code": each.code, "message": str(each.message)} for each in problems]
        print_json({"detail": sentence, "errors": errors} | ({"done": unfinished.done} if unfinished else {}))
        raise SystemExit(1)
    lines = [] if unfinished else [f"{each.field}: {each.message}" for each in problems]
    raise click.ClickException("\n".join(lines) or sentence)


def _explanation(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return STOPPED
    if isinstance(error, OutputFailed):
        return f"The command has finished, but its output cannot be written: {error}."
    if isinstance(error, SQLAlchemyError):
        return _database_explanation(error)
    if isinstance(error, OSError):
        return f"{error.filename or 'Input or output'}: {error.strerror or error}."
    return str(error)


def _database_explanation(error: SQLAlchemyError) -> str:
    try:
        db.session.rollback()
        outdated = database_revision() != latest_revision()
    except SQLAlchemyError as unreachable:
        return f"The database of DATABASE_URL cannot be used: {database_reason(unreachable)}."
    if outdated:
        return "The database is not at the newest migration. Run: flask --app wsgi db upgrade"
    return f"The database refused this: {database_reason(error)}."


def database_reason(error: SQLAlchemyError) -> str:
    """Return the message of the database in one line."""
    return " ".join(str(getattr(error, "orig", None) or error).split()).removesuffix(".")

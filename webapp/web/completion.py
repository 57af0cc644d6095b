"""`flask completion`: the script that lets a shell complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from webapp.core.commands import echo

SHELLS: dict[str, type[ShellComplete]] = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}
PROGRAM, VARIABLE = "flask", "_FLASK_COMPLETE"


@click.command("completion")
@click.argument("shell", type=click.Choice(list(SHELLS)))
def completion_command(shell: str) -> None:
    r"""Print the completion script of this SHELL.

    \b
    bash: eval "$(flask --app wsgi completion bash)"
    zsh:  eval "$(flask --app wsgi completion zsh)"
    fish: flask --app wsgi completion fish | source
    """
    root = click.get_current_context().find_root().command
    echo(SHELLS[shell](root, {}, PROGRAM, VARIABLE).source())

"""`flask jobs file`: the file of a job."""

from __future__ import annotations

from typing import BinaryIO
from uuid import UUID

import click
from flask.cli import with_appcontext

from webapp.core.commands import command_actor
from webapp.jobs.files import get_file
from webapp.jobs.queries import get_job
from webapp.users.acting import acting_for


@click.command("file")
@click.argument("job_id", type=click.UUID)
@click.argument("file", type=click.File("wb"), default="-")
@with_appcontext
def job_file(job_id: UUID, file: BinaryIO) -> None:
    """Write the file of a job to FILE, by default to standard output.

    It is refused if the person who requested the job may no longer see all of it.
    """
    job = get_job(job_id)
    by = acting_for(job.requested_by_id) if job.requested_by_id else command_actor()
    file.write(get_file(job, by=by).content)
    file.flush()

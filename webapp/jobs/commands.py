"""`flask jobs`: list, show, cancel, retry and run jobs."""

from __future__ import annotations

from uuid import UUID

import click
from flask.cli import AppGroup

from webapp.core.commands import command_actor, echo, json_option, print_json, print_record
from webapp.jobs.models import Job, StartedBy, State
from webapp.jobs.queries import NEWEST_FIRST, get_job, list_jobs
from webapp.jobs.running import run_here
from webapp.jobs.schemas import JobOut
from webapp.jobs.services import cancel_job, enqueue, retry_job
from webapp.lists.page import LIMIT_DEFAULT, LIMIT_MAX, Window, paginate

jobs_commands = AppGroup("jobs", help="List, show, cancel, retry and run background jobs.")
job_id = click.argument("job_id", type=click.UUID)


@jobs_commands.command("list")
@click.option("--state", type=click.Choice([state.value for state in State]))
@click.option("--started-by", type=click.Choice([who.value for who in StartedBy]))
@click.option("--limit", default=LIMIT_DEFAULT, type=click.IntRange(1, LIMIT_MAX), show_default=True)
@json_option
def index(state: str | None, started_by: str | None, limit: int, as_json: bool) -> None:
    """List jobs, the newest first."""
    jobs = list_jobs(
        state=State(state) if state else None,
        started_by=StartedBy(started_by) if started_by else None,
        with_result=as_json,
    )
    page = paginate(jobs, NEWEST_FIRST, Window(limit))
    if as_json:
        print_json([JobOut.of(job).model_dump(mode="json") for job in page.items])
        return
    for job in page.items:
        echo(f"{job.id}  {job.state:<9}  {job.done}/{job.total or '?'}  {job.kind}  {job.requested_by_label}")


@jobs_commands.command("show")
@job_id
@json_option
def show(job_id: UUID, as_json: bool) -> None:
    """Show a job."""
    _print(get_job(job_id), as_json=as_json)


@jobs_commands.command("cancel")
@job_id
@json_option
def cancel(job_id: UUID, as_json: bool) -> None:
    """Cancel a job. Finished work is kept."""
    _print(cancel_job(job_id, by=command_actor()), as_json=as_json)


@jobs_commands.command("retry")
@job_id
@json_option
def retry(job_id: UUID, as_json: bool) -> None:
    """Continue a failed or cancelled job from its last checkpoint."""
    _print(retry_job(job_id, by=command_actor()), as_json=as_json)


@jobs_commands.command("run")
@click.argument("kind")
@json_option
def run(kind: str, as_json: bool) -> None:
    """Run a job of this KIND now, without a worker. The exit code is 1 if the job fails."""
    job = run_here(enqueue(kind, by=command_actor()).id)
    _print(job, as_json=as_json)
    if job.state != State.DONE:
        raise SystemExit(1)


def _print(job: Job, *, as_json: bool) -> None:
    print_record(JobOut.of(job).model_dump(mode="json"), as_json=as_json)

"""The bell that wakes workers: Celery over SQLite, Redis or RabbitMQ, by its address alone.

A message says only which job to look at. Lost, doubled or late ones do no harm: the job's row decides.
"""

from __future__ import annotations

import os
import socket
import threading
from typing import Any
from uuid import UUID

import structlog
from celery import Celery
from flask import Flask
from kombu.exceptions import KombuError
from sqlalchemy.exc import SQLAlchemyError

from webapp.jobs import services
from webapp.settings import Settings

PUBLISH_SECONDS = 2
QUEUE = "rollcall"
SQLITE_PREFETCH = 50

log = structlog.get_logger("rollcall.jobs")
celery = Celery("rollcall")


def init_bell(app: Flask, settings: Settings) -> None:
    """Sets the bell up, and lets it ring for jobs that are asked for."""
    url = settings.celery_broker_url
    celery.conf.update(
        broker_url=url,
        broker_transport_options=_transport_options(url),
        broker_connection_timeout=PUBLISH_SECONDS,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        task_default_queue=QUEUE,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        # The SQLite broker is looked at once a second, by the one worker of its machine: many bells at a time. From
        # the others each worker takes one a thread, and leaves the rest to the next.
        worker_prefetch_multiplier=SQLITE_PREFETCH if url.startswith("sqla+") else 1,
    )
    celery.extra_rollcall_app = app
    services.ring = ring


def _transport_options(url: str) -> dict[str, Any]:
    if url.startswith("sqla+"):
        return {}
    if url.startswith("redis"):
        return {"socket_connect_timeout": PUBLISH_SECONDS, "socket_timeout": PUBLISH_SECONDS, "max_retries": 1}
    return {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}


def ring(job_id: UUID) -> bool:
    """Tells a worker to look at the job; whether it could.

    A broker that is away is no reason to fail: the sweep rings again.
    """
    try:
        look_at.apply_async((str(job_id),), retry=False)
    except (KombuError, SQLAlchemyError, OSError) as error:
        log.warning("bell.silent", job=str(job_id), error=f"{type(error).__name__}: {error}")
        return False
    return True


@celery.task(name="rollcall.look_at")
def look_at(job_id: str) -> None:
    """Works on a job, in whichever worker heard the bell."""
    try:
        which = UUID(job_id)
    except (ValueError, AttributeError, TypeError):
        log.warning("bell.nonsense", job=repr(job_id)[:100])
        return
    with celery.extra_rollcall_app.app_context():
        services.work_on(which, holder=holder())


def holder() -> str:
    """This thread of this process of this machine."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{threading.get_ident() % 10**9}"

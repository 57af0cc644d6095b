"""What tests of duplicates have in common."""

from __future__ import annotations

from sqlalchemy import select

from tests.factories import TESTER
from webapp.attributes.services import create_attribute
from webapp.db.session import db
from webapp.duplicates.models import DuplicatePair
from webapp.jobs.services import enqueue, run_job
from webapp.web.api import App


def find_duplicates(app: App) -> None:
    """Run the job that finds duplicates to its end."""
    with app.app_context():
        job_id = enqueue("duplicates.find", by=TESTER).id
        run_job(job_id, holder="here")


def open_pairs(app: App) -> list[DuplicatePair]:
    """Return the pairs that are not dismissed, the strongest first."""
    query = select(DuplicatePair).where(DuplicatePair.dismissed_at.is_(None)).order_by(DuplicatePair.strength.desc())
    with app.app_context():
        return list(db.session.scalars(query))


def only_pair(app: App) -> DuplicatePair:
    (pair,) = open_pairs(app)
    return pair


def add_phone(app: App, **options: str) -> None:
    labels = {"label_en": "Phone", "label_ru": "Телефон"}
    with app.app_context():
        create_attribute(key="phone", kind="text", **labels, **options, by=TESTER)

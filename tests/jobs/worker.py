"""python -m tests.jobs.worker: a real worker that knows the kinds of tests/jobs/kinds.py."""

from tests.jobs import kinds  # noqa: F401  makes them known
from webapp import create_app
from webapp.worker import work

if __name__ == "__main__":
    work(create_app())

"""python -m tests.jobs.worker: a real worker that knows the kinds of tests/jobs/kinds.py."""

from tests.jobs.kinds import create_app_with_kinds
from webapp.worker import work

if __name__ == "__main__":
    work(create_app_with_kinds())

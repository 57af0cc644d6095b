"""python -m tests.jobs.faults.serve: `make run`, with the kinds of tests and all waiting cut short."""

from tests.jobs import kinds  # noqa: F401  makes them known
from tests.jobs.faults.worker import hurry
from webapp.serve import main

if __name__ == "__main__":
    hurry()
    main()

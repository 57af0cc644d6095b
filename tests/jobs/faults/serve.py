"""python -m tests.jobs.faults.serve: `make run` with the kinds of tests and with short waits."""

import webapp
from tests.jobs.faults.worker import create_hurried_app

# Before the modules that import it: the supervisor's processes make their apps with it too.
webapp.create_app = create_hurried_app

if __name__ == "__main__":
    from webapp.serve import main

    main()

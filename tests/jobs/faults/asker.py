"""python -m tests.jobs.faults.asker: asks for jobs as a page does, one for each line of JSON on standard input."""

from __future__ import annotations

import json
import sys
import time

from tests.factories import TESTER
from tests.jobs.kinds import create_app_with_kinds
from webapp.jobs.services import ask_for

ANSWER = "asked "


def main() -> None:
    app = create_app_with_kinds()
    for line in sys.stdin:
        wanted = json.loads(line)
        began = time.monotonic()
        with app.app_context():
            job_id = ask_for(wanted["kind"], by=TESTER, **wanted["arguments"]).id
        answer = json.dumps({"id": str(job_id), "seconds": time.monotonic() - began})
        # At once with its end of line: what another thread logs meanwhile stands after it.
        sys.stdout.write(f"{ANSWER}{answer}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

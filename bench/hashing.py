"""Rollcall as it is served, whose answers tell how many seconds the hash of a password took them.

Beside what a hash takes, 0.2 s and now 20 ms more, now less, the rest of a request is too small to be found by
comparing two requests.
"""

from __future__ import annotations

import time

from flask import Response, g

from bench.servers import HASH_SECONDS
from webapp.core import passwords
from wsgi import app

_hash = passwords.generate_password_hash


def _timed(password: str, method: str) -> str:
    began = time.perf_counter()
    try:
        return _hash(password, method)
    finally:
        g.hash_seconds = time.perf_counter() - began


@app.after_request
def _tell(response: Response) -> Response:
    if "hash_seconds" in g:
        response.headers[HASH_SECONDS] = str(g.hash_seconds)
    return response


passwords.generate_password_hash = _timed

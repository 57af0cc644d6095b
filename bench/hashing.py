"""Rollcall with a response header that has the seconds of the request's password hash.

A hash takes about 0.2 s and varies by 20 ms, which is more than the rest of the request takes.
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
def _add_header(response: Response) -> Response:
    if "hash_seconds" in g:
        response.headers[HASH_SECONDS] = str(g.hash_seconds)
    return response


passwords.generate_password_hash = _timed

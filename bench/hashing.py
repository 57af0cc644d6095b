"""Rollcall with a response header that has the seconds of the request's password hash.

A hash takes about 0.2 s and varies by 20 ms, which is more than the rest of the request takes.
"""

from __future__ import annotations

import time
from typing import Any

from flask import Response, g

from bench.servers import HASH_SECONDS
from webapp.core.passwords import Hasher
from wsgi import app

_compute = Hasher.compute


def _timed(hasher: Hasher, function: Any, *arguments: Any) -> Any:
    began = time.perf_counter()
    try:
        return _compute(hasher, function, *arguments)
    finally:
        g.hash_seconds = time.perf_counter() - began


@app.after_request
def _add_header(response: Response) -> Response:
    if "hash_seconds" in g:
        response.headers[HASH_SECONDS] = str(g.hash_seconds)
    return response


Hasher.compute = _timed  # type: ignore[method-assign]  # this app only measures

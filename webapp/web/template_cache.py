"""Compiled templates on the disk: compiling them takes 40 % of the time that a server needs to start."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket

from webapp.web import fragment_cache

PREFIX = "templates-"


class TemplateCache(jinja2.FileSystemBytecodeCache):
    """A folder of compiled templates. Jinja compiles a template again if its text is another one.

    Like `__pycache__`, the folder contains code, so only the account of Rollcall may write it. If Rollcall cannot
    write it, it starts without it.
    """

    def __init__(self, instance: Path) -> None:
        folder = instance / f"{PREFIX}{_compiler()}"
        super().__init__(str(folder))
        with contextlib.suppress(OSError):
            for older in instance.glob(f"{PREFIX}*"):
                if older != folder:
                    shutil.rmtree(older, ignore_errors=True)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def dump_bytecode(self, bucket: Bucket) -> None:
        with contextlib.suppress(OSError):
            super().dump_bytecode(bucket)


def _compiler() -> str:
    """Return a name for what compiles templates: Jinja and our extension."""
    source = Path(fragment_cache.__file__).read_bytes()
    return hashlib.sha256(jinja2.__version__.encode() + source).hexdigest()[:12]

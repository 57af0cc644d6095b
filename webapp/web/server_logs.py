"""Lines that gunicorn logs: in the format of LOG_FORMAT, and without what requests contain."""

from __future__ import annotations

from typing import Any

from gunicorn.glogging import Logger


class ServerLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Sends gunicorn's lines to the handler of all other lines. Call `init_logs` first."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers = []
        self.error_log.propagate = True

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """The message quotes a malformed request, which may contain a token. Log only the kind of the error."""
        if msg.startswith("Invalid request from ip="):
            msg = ": ".join(msg.split(": ")[:2])
        super().warning(msg, *args, **kwargs)

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """The address of a request may contain a search or a one-time token. Log only its path."""
        paths = [each.partition("?")[0] if isinstance(each, str) else each for each in args]
        super().exception(msg, *paths, **kwargs)

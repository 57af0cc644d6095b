"""JSON schemas of a batch."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from webapp.core.schemas import Schema
from webapp.web.schemas import ProblemDetails

OPERATIONS_MAX = 1000
PATH_MAX = 200
ETAG_MAX = 1000
# A password takes 0.3 s to hash, and a request must end within 30 s.
PASSWORDS_MAX = 20


class OperationHeaders(Schema):
    """Headers of one operation."""

    if_match: str | None = Field(None, alias="If-Match", max_length=ETAG_MAX, description="412 if the user changed.")


class OperationIn(Schema):
    """One operation, as it would be a request of its own."""

    method: Literal["POST", "PATCH", "DELETE"]
    path: str = Field(
        max_length=PATH_MAX,
        pattern=r"^/users(/|$)",
        description="`/users` or an address below it, without `/api/v1` and without parameters.",
    )
    body: dict[str, Any] | None = Field(None, description="The body of the request.")
    headers: OperationHeaders = Field(default_factory=OperationHeaders)


class BatchIn(Schema):
    """Operations in the order in which they run."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "operations": [
                        {"method": "POST", "path": "/users", "body": {"email": "b1@example.com", "name": "Anna"}},
                        {
                            "method": "POST",
                            "path": "/users",
                            "body": {"email": "b2@example.com", "name": "Boris", "invite": False},
                        },
                    ],
                    "atomic": False,
                }
            ]
        }
    )

    operations: list[OperationIn] = Field(
        min_length=1,
        max_length=OPERATIONS_MAX,
        description=f"At most {PASSWORDS_MAX} of them can set a password, because hashing one takes 0.3 seconds.",
    )
    atomic: bool = Field(
        False,
        description="`true`: all operations are done or none. `false`: each one is done unless it is refused itself.",
    )


class ResultHeaders(Schema):
    """Headers of the answer to one operation."""

    etag: str | None = Field(None, alias="ETag")
    location: str | None = Field(None, alias="Location")
    retry_after: str | None = Field(None, alias="Retry-After")


class ResultOut(Schema):
    """What a request of its own would have got."""

    status: int = Field(description="424: nothing was done, because another operation of an atomic batch was refused.")
    headers: ResultHeaders
    body: dict[str, Any] | None = Field(description="`null` if there is none.")
    problem: ProblemDetails | None = Field(description="Why the operation was refused.")


class BatchOut(Schema):
    """A result for each operation, in the same order."""

    items: list[ResultOut]

"""The kinds of problems of the API (RFC 9457): their codes, and when each occurs."""

from __future__ import annotations

from webapp.core.texts import _

# The code of a status that no service raises.
HTTP_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    414: "address_too_long",
    415: "unsupported_media_type",
    422: "invalid",
    431: "headers_too_large",
    500: "internal_error",
    503: "unavailable",
}
# Code → status and explanation, for the documentation. A test compares it with the classes of webapp.core.errors.
PROBLEMS: dict[str, tuple[int, str]] = {
    "bad_request": (400, _("The request cannot be read: malformed JSON or a wrong header")),
    "refused": (400, _("A parameter, a header or the body is wrong. `errors` says which.")),
    "not_signed_in": (401, _("The token is missing, unknown, expired or revoked")),
    "forbidden": (403, _("The token or its owner lacks the permission")),
    "unconfirmed": (403, _("Pages only: the password must be entered again")),
    "not_found": (404, _("There is nothing at this address, or you cannot see it")),
    "method_not_allowed": (405, _("The address does not accept this method. The header Allow lists those it accepts.")),
    "taken": (409, _("Another row already has this value")),
    "stale": (409, _("The row has changed since you read it. With If-Match, the status is 412.")),
    "deleted": (409, _("The user is in the bin. Restore them first.")),
    "wrong_state": (409, _("The present state does not allow the change")),
    "in_progress": (409, _("The first request with this Idempotency-Key is still running. Try again in a moment.")),
    "gone": (410, _("The link was used or has expired")),
    "too_large": (413, _("The body is too large")),
    "address_too_long": (414, _("The address is too long")),
    "unsupported_media_type": (415, _("The body is not JSON, or it is compressed")),
    "invalid": (422, _("Fields are missing, unknown or wrong. `errors` names each.")),
    "not_done": (424, _("Another operation of an atomic batch was refused")),
    "too_many_requests": (429, _("A rate limit is reached. The header Retry-After says how long to wait.")),
    "headers_too_large": (431, _("The headers of the request are too long")),
    "internal_error": (500, _("An error of Rollcall. Nothing was changed. The log has it under the request ID.")),
    "busy": (503, _("Too many passwords are being checked. Try again after Retry-After.")),
    "unavailable": (503, _("The database cannot be reached. Try again after Retry-After.")),
}


def problem_type(code: str) -> str:
    """Return the `type` of a kind of problem.

    It is relative to the address of the request, so that it is the same everywhere (RFC 9457, 3.1.1).
    """
    return f"/api/docs#problem-{code}"

"""Likely duplicates and merges in the JSON API."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from webapp.core.permissions import Permission
from webapp.duplicates.merging import merge_users, record_of_merge
from webapp.duplicates.queries import STRONGEST_FIRST, open_pairs
from webapp.duplicates.rows import pair_rows, viewer_reaches
from webapp.duplicates.schemas import MergeIn, MergeOut, PairOut, PairPage, PairPath
from webapp.duplicates.services import dismiss_pair
from webapp.lists.page import paginate
from webapp.lists.schemas import PageQuery, page_fields
from webapp.users.schemas import UserPath
from webapp.web.api import api_blueprint, created_response, json_response, page_response
from webapp.web.guards import actor, requires
from webapp.web.idempotency import idempotent
from webapp.web.openapi import problem_responses
from webapp.web.replicas import from_replica

duplicates_api = api_blueprint("duplicates_api", __name__, tag="Users")


@duplicates_api.get(
    "/duplicates",
    summary="List users who may be the same person",
    description="Pairs that the daily check found, the likeliest first. Both users are within your reach.",
    responses={200: PairPage},
)
@requires(Permission.USERS_EDIT)
@from_replica
def index(query: PageQuery) -> Response:
    page = paginate(open_pairs(*viewer_reaches()), STRONGEST_FIRST, query.window)
    items = [PairOut.of(row) for row in pair_rows(page.items)]
    return page_response(PairPage(items=items, **page_fields(page)), page)


@duplicates_api.post(
    "/duplicates/<uuid:pair_id>/dismissal",
    summary="Mark a pair as different people",
    description="The pair leaves the list, and comes back only with new evidence. Idempotent.",
    responses=problem_responses(404, 409) | {204: None},
)
@requires(Permission.USERS_EDIT)
def dismiss(path: PairPath) -> Response:
    def work() -> Response:
        dismiss_pair(path.pair_id, by=actor())
        return Response(status=204)

    return idempotent(work)


@duplicates_api.post(
    "/users/<uuid:user_id>/merges",
    summary="Merge another account into this user",
    description="The other account moves to the bin. This user takes its roles, groups, notes and the fields in `take`;"
    " its names and addresses become former ones. It takes `users.edit` and `users.delete` over both, and what each"
    " part takes by itself, such as `roles.grant`. Undo the record in the answer to take the merge back completely.",
    responses=problem_responses(404, 409) | {201: MergeOut},
)
@requires(Permission.USERS_DELETE, sudo=True)
def merge(path: UserPath, body: MergeIn) -> Response:
    return idempotent(lambda: _merged(path.user_id, body))


def _merged(user_id: UUID, body: MergeIn) -> Response:
    versions = (body.version, body.merged_version)
    merge = merge_users(user_id, body.merged_id, choices=body.choices, versions=versions, by=actor())
    record_id = record_of_merge(merge).id
    return created_response(json_response(MergeOut.of(merge, record_id)), "history_api.show", record_id=record_id)

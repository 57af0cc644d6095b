"""Blueprints of the API, and their description by flask-openapi.

The library builds the schemas of an operation when it is defined: 40 % of the time that importing Rollcall takes. Most
processes never need them. So a blueprint remembers its operations, and `describe` defines them again when the
description is first read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask_openapi import APIBlueprint, Info, OpenAPI, Tag
from flask_openapi.models import SecurityScheme

from webapp.web.openapi import problem_responses
from webapp.web.schemas import ProblemDetails

DESCRIPTION = (
    "Create, find, understand and change users. Users and groups take `expand`, which adds what they refer to. Other"
    " answers contain it: a token its owner, a membership its user, a grant its role and group, an audit record its"
    " actor and subject."
)
# Every operation declares 400. To operations without this status, the library adds a wrong description.
VALIDATION_ERROR: dict[str, Any] = {"validation_error_model": ProblemDetails, "validation_error_status": 400}

View = Callable[..., Any]


class ApiBlueprint(APIBlueprint):
    """A blueprint that remembers its operations."""

    def __init__(self, name: str, module: str, *, tag: str) -> None:
        super().__init__(name, module, url_prefix="/api/v1", doc_ui=False)
        self._module, self._tag = module, tag
        self._operations: list[tuple[str, str, dict[str, Any], View]] = []

    def get(self, rule: str, **options: Any) -> Callable[..., Any]:
        return self._remember("get", super().get(rule, **options), rule, options)

    def post(self, rule: str, **options: Any) -> Callable[..., Any]:
        return self._remember("post", super().post(rule, **options), rule, options)

    def put(self, rule: str, **options: Any) -> Callable[..., Any]:
        return self._remember("put", super().put(rule, **options), rule, options)

    def patch(self, rule: str, **options: Any) -> Callable[..., Any]:
        return self._remember("patch", super().patch(rule, **options), rule, options)

    def delete(self, rule: str, **options: Any) -> Callable[..., Any]:
        return self._remember("delete", super().delete(rule, **options), rule, options)

    def _remember(self, method: str, define: Callable[[View], View], rule: str, options: dict[str, Any]) -> View:
        def remember(view: View) -> View:
            self._operations.append((method, rule, options, view))
            return define(view)

        return remember

    def described(self) -> APIBlueprint:
        """Return a blueprint with the same operations and their schemas."""
        api = APIBlueprint(
            self.name,
            self._module,
            url_prefix=self.url_prefix,
            abp_tags=[Tag(name=self._tag)],
            abp_security=[{"token": []}],
            abp_responses=problem_responses(400, 401, 403, 429, 503),
        )
        for method, rule, options, view in self._operations:
            getattr(api, method)(rule, **options)(view)
        return api


class Description(OpenAPI):
    """An app that only describes the operations of blueprints."""

    def __init__(self, blueprints: Sequence[ApiBlueprint]) -> None:
        super().__init__(
            __name__,
            static_folder=None,
            info=Info(title="Rollcall", version="1", description=DESCRIPTION),
            security_schemes={"token": SecurityScheme(type="http", scheme="bearer")},
            doc_ui=False,
            **VALIDATION_ERROR,
        )
        # Most client generators do not support OpenAPI 3.2, the default of the library, yet.
        self.openapi_version = "3.1.0"
        # Names of schemas that differ between blueprints. The library keeps one of them. A test finds this.
        self.ambiguous_schemas: list[str] = []
        for blueprint in blueprints:
            self._add(blueprint.described())

    def _add(self, api: APIBlueprint) -> None:
        known = dict(self.paths)
        names = self.components_schemas.keys() & api.components_schemas.keys()
        self.ambiguous_schemas += [n for n in names if self.components_schemas[n] != api.components_schemas[n]]
        self.register_api(api)
        # The library replaces a path that another blueprint described. Keep the methods of both.
        for path in known.keys() & api.paths.keys():
            added = api.paths[path]
            methods = {name: getattr(added, name) for name in added.model_fields_set}
            self.paths[path] = known[path].model_copy(update=methods)

"""The app class."""

from __future__ import annotations

import sys
from collections.abc import Callable, MutableMapping
from copy import deepcopy
from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING, Any

from flask.templating import Environment as FlaskEnvironment
from flask.typing import ResponseReturnValue
from flask_openapi import APIBlueprint, OpenAPI

from webapp.core.context import Registry
from webapp.settings import PACKAGE, RESOURCES, ROOT, Settings
from webapp.settings_checks import SettingsError
from webapp.web.replicas import dispatch

if TYPE_CHECKING:
    from webapp.web.api_blueprints import Description


class Environment(FlaskEnvironment):
    """The environment of the templates."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the globals of a template as a dict. Add globals of the app before its first template is loaded.

        Jinja returns a ChainMap and searches it at each import of a macro, which takes a tenth of the list of users.
        """
        return {**self.globals, **(d or {})}


class App(OpenAPI):
    """A Flask app that describes its API blueprints by OpenAPI. `load` registers its packages."""

    jinja_environment = Environment

    def __init__(self, name: str, registry: Registry, register_packages: Callable[[App], None]) -> None:
        super().__init__(
            name,
            root_path=str(PACKAGE),
            template_folder=str(RESOURCES / "templates"),
            static_folder=str(RESOURCES / "static"),
            static_url_path="/static",
            instance_path=str(ROOT / "instance"),
            doc_ui=False,
        )
        self._apis: list[Any] = []
        self._register_packages = register_packages
        self._loaded, self._loading = False, RLock()
        self.registry = self.extensions["rollcall"] = registry

    def load(self) -> None:
        """Register all packages, unless they are registered."""
        with self._loading:
            if not self._loaded:
                # Before it, because packages ask the registry for parts.
                self._loaded = True
                self._register_packages(self)

    def load_or_exit(self) -> None:
        """Do the same in a command. End the process if a setting is wrong."""
        try:
            self.load()
        except SettingsError as error:
            sys.exit(f"Rollcall cannot start: {error}")

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function: no view or hook is a coroutine. Flask asks each of them in each request."""
        return func

    def dispatch_request(self) -> ResponseReturnValue:
        """Call the view of the request."""
        return dispatch(super().dispatch_request)

    @property
    def settings(self) -> Settings:
        return self.registry.settings

    @cached_property
    def plain_description(self) -> Description:
        """What flask-openapi knows about the API."""
        # Commands do not need it. It imports WTForms and more: 0.1 s.
        from webapp.web.api_blueprints import Description  # noqa: PLC0415

        return Description(self._apis)

    @cached_property
    def description(self) -> dict[str, Any]:
        """The OpenAPI description."""
        from webapp.web.openapi import complete_description  # noqa: PLC0415  as above

        return complete_description(deepcopy(self.plain_description.api_doc), self.settings.base_url)

    @property
    def api_doc(self) -> dict[str, Any]:
        """What `flask openapi` writes."""
        return self.description

    def register_api(self, api: APIBlueprint, **options: Any) -> None:
        """Register a blueprint of the API. It needs no CSRF token because it accepts no cookies."""
        super().register_api(api, **options)
        self._apis.append(api)
        self.extensions["csrf"].exempt(api)

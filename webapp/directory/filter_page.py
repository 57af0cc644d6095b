"""The page with all filters of the list of users. It also shows what is wrong with the filters of an address."""

from __future__ import annotations

from flask import render_template, request

from webapp.access.queries import group_choices, list_roles
from webapp.attributes.display import viewer_attributes
from webapp.core.errors import Refused
from webapp.core.permissions import Permission
from webapp.directory.fields import FILTERS
from webapp.directory.filter_menu import FilterMenu
from webapp.directory.old_parameters import OLD_PARAMETERS
from webapp.directory.search_text import as_parameters, as_search
from webapp.lists.schemas import SEARCH_MAX
from webapp.web.guards import reach
from webapp.web.templating import CURSORS


def render_filters(error: Refused | None = None) -> str:
    """Return the page with each problem of `error` beside its field. Raise `error` if a parameter has no field."""
    attributes = viewer_attributes()
    fields = [*FILTERS, *(attribute.parameter_name for attribute in attributes)]
    errors = {problem.field: problem.message for problem in error.problems} if error else {}
    if error and (not errors or errors.keys() - {*fields, *OLD_PARAMETERS}):
        raise error
    groups = group_choices(reach(Permission.USERS_READ))
    taken = [name for name, value in request.args.items() if value]
    searched = as_parameters(request.args.get("q", ""), [each.key for each in attributes], taken)
    parameters = {**request.args.to_dict(), "q": "", **searched}
    menu = FilterMenu(parameters, errors)
    search = as_search(parameters)
    return render_template(
        "directory/filters.html",
        fields=list(menu.fields(roles=list_roles(), groups=groups, attributes=attributes)),
        search=search if len(search) <= SEARCH_MAX else "",
        # Parameters that have no field in the form.
        rest={
            name: value
            for name, value in parameters.items()
            if value and name not in (*fields, *CURSORS, *OLD_PARAMETERS)
        },
    )

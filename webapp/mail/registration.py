"""Registers the job that sends e-mails, and the renderer of their HTML."""

from __future__ import annotations

from typing import Any

from webapp.jobs.kinds import JobKinds
from webapp.mail.messages import MailRenderer
from webapp.mail.tasks import send, send_old
from webapp.settings import RESOURCES
from webapp.web.api import App


def register(app: App) -> None:
    app.registry.get(JobKinds).register(send, send_old)
    app.registry.get(MailRenderer).render_html = _html_renderer(app)


def _html_renderer(app: App) -> Any:
    style = (RESOURCES / "templates/mail/message.css").read_text()

    def render(**values: Any) -> str:
        # Most requests send no e-mail.
        import css_inline  # noqa: PLC0415

        template = app.jinja_env.get_template("mail/_message.html")
        # Mail programs ignore style sheets, so each element gets its style.
        inliner = css_inline.CSSInliner(extra_css=style, load_remote_stylesheets=False)
        return inliner.inline(template.render(**values))

    return render

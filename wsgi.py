"""What gunicorn and flask start: one app."""

from webapp import create_app

app = create_app()

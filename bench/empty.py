"""The least that Flask under gunicorn can do: an empty view."""

from flask import Flask

# gunicorn reads these: as in gunicorn.conf.py, which itself only works for Rollcall.
workers = 2
worker_class = "gthread"
threads = 4
keepalive = 5
preload_app = True
control_socket_disable = True
accesslog = None
loglevel = "warning"

app = Flask(__name__)


@app.get("/")
def empty() -> str:
    return ""

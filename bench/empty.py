"""An empty Flask view under gunicorn."""

from flask import Flask

# gunicorn reads these. They equal those of gunicorn.conf.py, which starts only Rollcall.
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

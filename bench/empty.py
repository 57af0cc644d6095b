"""An empty Flask view under gunicorn."""

from flask import Flask

# Settings of gunicorn, with the same values as in gunicorn.conf.py, which can start only Rollcall.
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

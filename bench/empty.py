"""The least that Flask under gunicorn can do: an empty view."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def empty() -> str:
    return ""

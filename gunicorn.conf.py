"""Settings of gunicorn: gunicorn -c gunicorn.conf.py wsgi:app"""

import gc
import os
import pathlib
import shutil
import signal
import sys
import tempfile

from webapp.settings import REQUEST_THREADS, load_settings
from webapp.settings_checks import SettingsError
from webapp.web.logs import init_logs

try:
    _settings = load_settings()
except SettingsError as error:
    sys.exit(f"Rollcall cannot start: {error}")
init_logs(_settings.log_format)


def _metrics_folder():
    """Create the folder of the metrics of all workers. Remove the folders of servers that were killed."""
    for folder in pathlib.Path(tempfile.gettempdir()).glob("rollcall-metrics-*-*"):
        try:
            os.kill(int(folder.name.split("-")[2]), 0)
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
        except (OSError, ValueError):
            continue  # It belongs to another user, or to another program.
    return tempfile.mkdtemp(prefix=f"rollcall-metrics-{os.getpid()}-")


# prometheus-client can only be configured by this variable.
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = _metrics_folder()

bind = _settings.bind
workers = _settings.web_concurrency
worker_class = "webapp.web.gunicorn_worker.Worker"
threads = REQUEST_THREADS
timeout = 30
graceful_timeout = 15
keepalive = 5
# The maximum of gunicorn. In a percent-encoded address, a Cyrillic letter takes six bytes.
limit_request_line = 8190
max_requests = 2000
max_requests_jitter = 200
# Workers share the memory of modules that the master loads before it forks.
preload_app = True
# The control socket would be a file in the home directory.
control_socket_disable = True
# Rollcall itself checks proxy headers (TRUSTED_PROXIES).
forwarded_allow_ips = ""
accesslog = None
loglevel = "warning"
logger_class = "webapp.web.server_logs.ServerLogger"
proc_name = "rollcall"


def when_ready(server):
    """Print the address of Rollcall. Prepare the memory that workers share."""
    from webapp.serve import announce
    from webapp.web.templating import precompile_templates

    app = server.app.wsgi()
    precompile_templates(app)
    announce(app, _settings)
    # Without freeze, the garbage collector would write to loaded objects, and workers could not share their memory.
    gc.collect()
    gc.freeze()
    # A page creates about 10,000 objects, and reference counts free nearly all of them. The default threshold is 700.
    gc.set_threshold(20_000, 20, 20)


def post_worker_init(worker):
    """Ignore Ctrl-C: the master stops the workers. A worker that gets both signals at once can deadlock."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def on_exit(server):
    """Remove the metrics of this server."""
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)


def worker_exit(server, worker):
    """Publish pending messages to the broker, and send spans that wait."""
    from webapp.core.tracing import Tracing
    from webapp.jobs.notifier import Notifier

    registry = server.app.wsgi().registry
    registry.get(Notifier).flush()
    registry.get(Tracing).flush()


def child_exit(server, worker):
    """Remove the live gauges of a worker that ended. Its counters stay."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)


def post_fork(server, worker):
    """Give the worker its own database connections and default signal handlers."""
    # Until gunicorn sets the handlers of the worker, it has those of the master, which ignore a signal to stop.
    for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    from webapp.db.session import db

    with server.app.wsgi().app_context():
        db.engine.dispose(close=False)

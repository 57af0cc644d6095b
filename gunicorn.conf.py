"""How gunicorn serves Rollcall: gunicorn -c gunicorn.conf.py wsgi:app"""

import gc
import os
import pathlib
import shutil
import signal
import sys
import tempfile

from webapp.settings import SettingsError, load_settings

try:
    _settings = load_settings()
except SettingsError as error:
    sys.exit(f"Rollcall cannot start: {error}")


def _metrics_folder():
    """Where worker processes keep their figures for /metrics. Removes what masters that were killed left behind."""
    for folder in pathlib.Path(tempfile.gettempdir()).glob("rollcall-metrics-*-*"):
        try:
            os.kill(int(folder.name.split("-")[2]), 0)
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
        except (OSError, ValueError):
            """Somebody else's."""
    return tempfile.mkdtemp(prefix=f"rollcall-metrics-{os.getpid()}-")


# prometheus-client looks for this variable alone.
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = _metrics_folder()

bind = _settings.bind
workers = _settings.web_concurrency
worker_class = "gthread"
threads = 4
timeout = 30
graceful_timeout = 15
keepalive = 5
max_requests = 2000
max_requests_jitter = 200
# Workers share the memory of what is loaded before they fork.
preload_app = True
# It would open a file in the home directory.
control_socket_disable = True
# Which proxies are believed is Rollcall's own setting, TRUSTED_PROXIES.
forwarded_allow_ips = ""
accesslog = None
loglevel = "warning"
proc_name = "rollcall"


def when_ready(server):
    """Makes the owner that the environment names, and says where Rollcall is."""
    from webapp.serve import announce
    from webapp.web.templating import precompile_templates

    app = server.app.wsgi()
    precompile_templates(app)
    announce(app, _settings)
    # What is loaded now lives as long as the process: unless the collector looks at it, workers share its memory.
    gc.collect()
    gc.freeze()
    # A page makes some ten thousand objects, nearly all freed by their counts: collecting every 700 finds nothing.
    gc.set_threshold(20_000, 20, 20)


def post_worker_init(worker):
    """Ctrl-C reaches workers and master; the master tells the workers. Told twice at once, one may wait for itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def on_exit(server):
    """Leaves no figures behind."""
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)


def worker_exit(server, worker):
    """Publish the messages that are pending."""
    from webapp.jobs.notifier import Notifier

    server.app.wsgi().registry.get(Notifier).flush()


def child_exit(server, worker):
    """A worker that ended counts no longer among the living; what it counted stays."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)


def post_fork(server, worker):
    """A forked worker opens connections of its own, and can be stopped from its first moment on."""
    # Until gunicorn sets its own, it has the master's handlers, which would swallow the signal to stop.
    for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    from webapp.db.session import db

    with server.app.wsgi().app_context():
        db.engine.dispose(close=False)

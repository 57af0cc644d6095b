# syntax=docker/dockerfile:1
# The minor version with which the tests run. The slim images of Python contain the time zones that Rollcall offers.
ARG PYTHON=3.11.14-slim-bookworm

FROM python:${PYTHON} AS builder
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements.txt requirements-tracing.txt ./
# Only wheels with the pinned hashes are installed. Nothing is compiled, so no compiler is needed.
RUN /venv/bin/pip install --require-hashes --no-deps --only-binary :all: -r requirements.txt -r requirements-tracing.txt \
    && /venv/bin/pip check \
    && /venv/bin/pip uninstall --yes pip setuptools

FROM python:${PYTHON}
# /backups is a volume. A new volume gets the owner and the mode of this folder.
RUN groupadd --gid 10001 rollcall \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin rollcall \
    && install -d -o 10001 -g 10001 -m 700 /backups
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    APP_ENV=production \
    BIND=0.0.0.0:8000
WORKDIR /app
COPY --from=builder /venv /venv
COPY wsgi.py gunicorn.conf.py CHANGELOG.md CHANGELOG.ru.md ./
COPY migrations migrations
COPY static static
COPY templates templates
COPY webapp webapp
# The disk can be read-only, so write now what Python would write at the first start. chmod makes all files readable,
# whatever the umask of the checkout was.
RUN python -m compileall -q webapp migrations wsgi.py \
    && APP_ENV=testing python -c "from wsgi import app; from webapp.web.templating import precompile_templates as load; load(app)" \
    && chmod -R a+rX .

USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
# Migrations are a separate step: flask --app wsgi db upgrade
CMD ["gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"]

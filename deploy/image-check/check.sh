#!/usr/bin/env bash
# Builds the image, starts all containers of compose.yaml, and uses Rollcall in them: make image-check
# Needs docker, and docker compose or docker-compose. If it reaches no image registry, it builds stand-ins for the base
# images from packages of Debian with mmdebstrap: apt-get install docker.io docker-compose mmdebstrap iptables
set -euo pipefail
cd "$(dirname "$0")/../.."
here=deploy/image-check work=$PWD/build/image-check python=$PWD/.venv/bin/python
mkdir -p "$work"
# The docker of Debian, if several are installed.
docker=$(PATH=/usr/bin:$PATH command -v docker) || { echo "make image-check needs docker: apt-get install docker.io" >&2; exit 1; }

stop() {
    [ -z "${compose:-}" ] || $compose down --volumes --timeout 5 > "$work/down.log" 2>&1 || true
    [ -z "${daemon:-}" ] || { kill "$daemon"; wait "$daemon" || true; }
}
trap stop EXIT

if ! $docker info > "$work/info.log" 2>&1; then
    echo "No Docker daemon answers. Starting one for this check."
    export DOCKER_HOST=unix://$work/docker.sock
    dockerd --data-root "$work/docker" --exec-root "$work/run" --pidfile "$work/docker.pid" -H "$DOCKER_HOST" \
        > "$work/dockerd.log" 2>&1 &
    daemon=$!
    for _try in $(seq 30); do $docker info > "$work/info.log" 2>&1 && break; sleep 1; done
fi

base=python:$(sed -n 's/^ARG PYTHON=//p' Dockerfile)
images=("$base" $(sed -n 's/^    image: \([a-z]*:.*\)$/\1/p' compose.yaml))
for image in "${images[@]}"; do
    $docker image inspect "$image" > "$work/inspect.log" 2>&1 && continue
    timeout 60 $docker pull --quiet "$image" > "$work/pull.log" 2>&1 && continue
    echo "$image: no registry has it. Building a stand-in."
    DOCKER="$docker" bash "$here/stand-in.sh" "$image" "$work"
done

echo "Building rollcall:check"
began=$SECONDS
# The classic builder does not download the frontend that the line "# syntax=" names.
DOCKER_BUILDKIT=0 $docker build --network host --tag rollcall:check . > "$work/build.log" 2>&1 \
    || { tail -30 "$work/build.log" >&2; exit 1; }
echo "built in $((SECONDS - began)) s"

rm -rf "$work/secrets"
sh deploy/make-secrets.sh "$work/secrets" > "$work/secrets.log"
"$python" "$here/environment.py" "$work" > "$work/check.env"
if $docker compose version > "$work/compose.log" 2>&1; then
    compose="$docker compose --env-file $work/check.env"
else
    # docker-compose 1.29 of Debian 12 does not read the limits in the form of compose.yaml.
    "$python" "$here/old_compose.py" > "$work/compose.yaml"
    compose="docker-compose --project-directory $PWD --file $work/compose.yaml --env-file $work/check.env"
fi
$compose up --detach --no-build > "$work/up.log" 2>&1 || { tail -30 "$work/up.log" >&2; $compose logs --tail 30 >&2; exit 1; }
"$python" "$here/check.py" "$docker" "$base" "$compose" || { $compose logs --tail 40 > "$work/containers.log" 2>&1; tail -60 "$work/containers.log" >&2; exit 1; }

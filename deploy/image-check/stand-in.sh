#!/usr/bin/env bash
# Builds a stand-in for an image from packages of Debian: stand-in.sh IMAGE FOLDER
set -euo pipefail
image=$1 folder=$2/${1%%:*} here=$(dirname "$0") docker=${DOCKER:-docker}
mkdir -p "$folder"
case $image in
python:*)
    packages=python3,python3-venv,python3-pip,ca-certificates,tzdata
    lines="RUN ln -sf /usr/bin/python3 /usr/local/bin/python"
    # The certificate authorities of this machine.
    cp /etc/ssl/certs/ca-certificates.crt "$folder/ca.crt"
    lines+=$'\nCOPY ca.crt /etc/ssl/certs/ca-certificates.crt\nENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt'
    ;;
postgres:*)
    packages=postgresql-15
    cp "$here/postgres.sh" "$folder/"
    lines=$'COPY postgres.sh /postgres.sh\nENV PGDATA=/var/lib/postgresql/data PATH=/usr/lib/postgresql/15/bin:/usr/bin:/bin'
    lines+=$'\nRUN rm -rf /var/lib/postgresql/15 && install -d -o postgres -g postgres -m 700 /var/lib/postgresql/data /run/postgresql'
    lines+=$'\nVOLUME /var/lib/postgresql/data\nENTRYPOINT ["bash", "/postgres.sh"]'
    ;;
redis:*)
    packages=redis-server
    # The official image has no protected mode, because it refuses connections of other containers.
    printf '#!/bin/sh\nexec /usr/bin/redis-server "$@" --protected-mode no\n' > "$folder/redis-server"
    lines=$'COPY redis-server /usr/local/bin/redis-server\nRUN chmod 755 /usr/local/bin/redis-server\nWORKDIR /data\nCMD ["redis-server"]'
    ;;
nginx:*)
    packages=nginx-light,wget
    lines=$'RUN ln -sf /dev/stderr /var/log/nginx/error.log && rm -f /etc/nginx/sites-enabled/default'
    lines+=$'\nSTOPSIGNAL SIGQUIT\nCMD ["nginx", "-g", "daemon off;"]'
    ;;
*)
    echo "There is no stand-in for $image." >&2
    exit 1
    ;;
esac
[ -s "$folder/base.tar" ] || mmdebstrap --quiet --variant=minbase --include="$packages" bookworm "$folder/base.tar"
$docker import "$folder/base.tar" "$image-debian" > "$folder/import.log"
printf '%s\n' "FROM $image-debian" "$lines" > "$folder/Dockerfile"
$docker build --quiet --tag "$image" "$folder" > "$folder/build.log"

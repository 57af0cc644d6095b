#!/bin/sh
# Creates the secrets of one environment: sh deploy/make-secrets.sh deploy/secrets/production
set -eu

folder=${1:?Name the folder: sh deploy/make-secrets.sh deploy/secrets/production}
if [ -e "$folder" ]; then
    echo "$folder exists. Nothing was changed." >&2
    exit 1
fi

# Compose mounts each file with its mode. Containers have other uids and must be able to read the files. On this
# machine only the owner can enter the folder.
umask 077
mkdir -p "$folder"

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

password=$(random)
printf '%s' "$password" > "$folder/postgres_password"
printf 'postgresql://rollcall:%s@db:5432/rollcall' "$password" > "$folder/database_url"
random > "$folder/secret_key"
chmod 444 "$folder"/*
# Empty means: no earlier key, mail is only written to the log, /metrics is off, backups are not encrypted.
for name in secret_key_previous mail_url metrics_token backup_passphrase; do
    touch "$folder/$name"
    chmod 644 "$folder/$name"
done
echo "Created $folder. Keep a copy in a safe place: without secret_key everyone is signed out."

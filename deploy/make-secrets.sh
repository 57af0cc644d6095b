#!/bin/sh
# Makes the secrets of one environment, once: sh deploy/make-secrets.sh deploy/secrets/production
set -eu

folder=${1:?Name the folder: sh deploy/make-secrets.sh deploy/secrets/production}
if [ -e "$folder" ]; then
    echo "$folder is there already and is left as it is." >&2
    exit 1
fi

# Compose mounts each file as it is. The people of the containers (other uids) have to read the files; on this
# machine nobody reaches them, because the folder is its owner's alone.
umask 077
mkdir -p "$folder"

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

password=$(random)
printf '%s' "$password" > "$folder/postgres_password"
printf 'postgresql://rollcall:%s@db:5432/rollcall' "$password" > "$folder/database_url"
random > "$folder/secret_key"
chmod 444 "$folder"/*
# Empty: no earlier key, mail is only written to the log, /metrics is off, and backups are not encrypted.
for name in secret_key_previous mail_url metrics_token backup_passphrase; do
    touch "$folder/$name"
    chmod 644 "$folder/$name"
done
echo "Made $folder. Keep a copy in a safe place: without secret_key everyone is signed out."

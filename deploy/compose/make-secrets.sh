#!/bin/sh
# Makes every secret that compose.yaml names, and leaves alone what is already there.
# usage: deploy/compose/make-secrets.sh [FOLDER]
# SHOWRUNNER_OWN_WORKERS="network system" makes users of NATS for workers of your own (docs/security.md).
set -eu
folder=${1:-$(dirname "$0")/secrets}
umask 077
mkdir -p "$folder"
cd "$folder"

# Containers see the files as they are, and each runs as a user of its own: the folder is what keeps others out.
keep() {
    cat >"$1.new"
    chmod 0444 "$1.new"
    mv "$1.new" "$1"
    echo "made $folder/$1"
}

random() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

password_in() { sed 's|^[a-z]*://[^:]*:\([^@]*\)@.*|\1|' "$1"; }

# Of NATS: an address with its user for each service, and all their passwords together for the server.
passwords=
for user in scheduler gateway worker-sync worker-access worker-mail worker-maintenance subscriber \
    $(printf 'worker-%s ' ${SHOWRUNNER_OWN_WORKERS:-} | sed 's/^worker- $//'); do
    name=$(echo "$user" | tr - _)
    [ -e "nats_url_$name" ] || printf 'nats://%s:%s@nats:4222\n' "$user" "$(random 24)" | keep "nats_url_$name"
    passwords="$passwords${name}_password: \"$(password_in "nats_url_$name")\"
"
done
[ -e nats_passwords ] && [ "$passwords" = "$(cat nats_passwords)
" ] || printf '%s' "$passwords" | keep nats_passwords

# Of PostgreSQL: the owner's, and two that may do less (deploy/postgres/create-database.sh).
[ -e postgres_password ] || random 24 | keep postgres_password
for role in showrunner showrunner_worker showrunner_maintenance; do
    name=database_url${role#showrunner}
    [ -e "$name" ] || printf 'postgresql://%s:%s@postgres:5432/showrunner\n' "$role" "$(random 24)" | keep "$name"
done

# Of Grafana's account `admin`, with the profile `metrics`.
[ -e grafana_password ] || random 12 | keep grafana_password

# 32 bytes in URL-safe base64. Without this key, the tokens in the database are lost: keep a copy of it elsewhere.
[ -e key ] || head -c 32 /dev/urandom | base64 | tr '+/' '-_' | keep key

if [ ! -e admin_password ]; then
    random 12 | keep admin_password
    echo "log in as admin with the password in $folder/admin_password"
fi

#!/bin/sh
# Makes every secret that compose.yaml names, and leaves alone what is already there.
# usage: deploy/compose/make-secrets.sh [FOLDER]
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

# Of the two files that share a password, neither is any use without the other.
if [ ! -e nats_account ] || [ ! -e nats_url ]; then
    password=$(random 24)
    printf 'user: showrunner\npassword: "%s"\n' "$password" | keep nats_account
    printf 'nats://showrunner:%s@nats:4222\n' "$password" | keep nats_url
fi

[ -e postgres_password ] || random 24 | keep postgres_password
[ -e database_url ] ||
    printf 'postgresql://showrunner:%s@postgres:5432/showrunner\n' "$(random 24)" | keep database_url

# 32 bytes in URL-safe base64. Without this key, the tokens in the database are lost: keep a copy of it elsewhere.
[ -e key ] || head -c 32 /dev/urandom | base64 | tr '+/' '-_' | keep key

if [ ! -e admin_password ]; then
    random 12 | keep admin_password
    echo "log in as admin with the password in $folder/admin_password"
fi

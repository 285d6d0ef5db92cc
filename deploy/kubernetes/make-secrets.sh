#!/bin/sh
# Makes every secret that the kustomizations name, and leaves alone what is already there.
# usage: deploy/kubernetes/make-secrets.sh
set -eu
here=$(dirname "$0")
sh "$here/../compose/make-secrets.sh" "$here/secrets"
cd "$here/secrets"
umask 077

# CloudNativePG wants the roles' passwords by themselves.
for name in database_url database_url_worker database_url_maintenance; do
    sed 's|^[a-z]*://[^:]*:\([^@]*\)@.*|\1|' "$name" | tr -d '\n' >"password_of_$name"
done

#!/bin/sh
# Makes every secret that the kustomizations name, and leaves alone what is already there.
# usage: deploy/kubernetes/make-secrets.sh
set -eu
here=$(dirname "$0")
sh "$here/../compose/make-secrets.sh" "$here/secrets"
cd "$here/secrets"
umask 077

# Servers of a cluster of NATS show each other a password of their own.
if [ ! -e nats_peers ]; then
    password=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
    {
        echo "authorization { user: peer, password: \"$password\" }"
        echo 'routes: ['
        for number in 0 1 2; do
            echo "  \"nats-route://peer:$password@nats-$number.nats-peers:6222\""
        done
        echo ']'
    } >nats_peers.new
    mv nats_peers.new nats_peers
fi

# CloudNativePG wants the roles' passwords by themselves.
for name in database_url database_url_worker database_url_maintenance; do
    sed 's|^[a-z]*://[^:]*:\([^@]*\)@.*|\1|' "$name" | tr -d '\n' >"cloudnative-pg/password_of_$name"
done

#!/bin/bash
# As much of the postgres image's entrypoint as compose.yaml relies on.
set -euo pipefail

export POSTGRES_USER="${POSTGRES_USER:-postgres}"
mkdir -p "$PGDATA"
chmod 0700 "$PGDATA"

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    initdb --pgdata "$PGDATA" --username "$POSTGRES_USER" --pwfile "$POSTGRES_PASSWORD_FILE" \
        --encoding=UTF8 --auth-local=trust --auth-host=scram-sha-256
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
    # Prepared over the socket alone, so that nobody meets a server that is half done.
    PGHOST=/var/run/postgresql
    export PGHOST
    pg_ctl --pgdata "$PGDATA" --wait --options "${*:2} -c listen_addresses=''" start
    for script in /docker-entrypoint-initdb.d/*.sh; do
        [ -e "$script" ] || continue
        if [ -x "$script" ]; then "$script"; else . "$script"; fi
    done
    pg_ctl --pgdata "$PGDATA" --mode fast --wait stop
    unset PGHOST
fi

exec "$@"

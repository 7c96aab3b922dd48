#!/bin/sh
# Makes the data folder once, then runs the server with the settings given as arguments.
set -eu
user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    password=$(mktemp)
    printf '%s' "${POSTGRES_PASSWORD:?must be set}" >"$password"
    initdb -D "$PGDATA" -U "$user" --pwfile="$password" -A scram-sha-256 --auth-local=trust \
        -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null
    rm -f "$password"
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
    if [ "$database" != postgres ]; then
        echo "CREATE DATABASE \"$database\"" | postgres --single -D "$PGDATA" postgres >/dev/null
    fi
fi
exec postgres -D "$PGDATA" -c listen_addresses='*' "$@"

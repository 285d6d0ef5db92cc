#!/bin/sh
# Run once by the postgres image, on an empty data folder: a database whose owner is no superuser. Its password is the one
# in the secret `database_url`.
set -eu
url=$(cat /run/secrets/database_url)
password=${url#*://*:}
password=${password%%@*}

psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set=password="$password" <<'SQL'
CREATE ROLE showrunner LOGIN CREATEDB PASSWORD :'password';
CREATE DATABASE showrunner OWNER showrunner;
REVOKE CONNECT, TEMPORARY ON DATABASE showrunner FROM PUBLIC;
SQL

#!/bin/sh
# Run by the postgres image on an empty data folder: a database whose owner is no superuser, and two roles that may do less.
# What each may do the gateway says when it has brought the tables up to date. The passwords are those in the secrets.
# Run again, it makes what is missing: docker compose exec postgres sh /docker-entrypoint-initdb.d/create-database.sh
set -eu

password_in() { sed 's|^[a-z]*://[^:]*:\([^@]*\)@.*|\1|' "/run/secrets/$1"; }

psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
    --set=owner="$(password_in database_url)" \
    --set=worker="$(password_in database_url_worker)" \
    --set=maintenance="$(password_in database_url_maintenance)" <<'SQL'
SELECT format('CREATE ROLE %I', name) FROM unnest(ARRAY['showrunner', 'showrunner_worker', 'showrunner_maintenance']) AS name
    WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
-- Backups are tried out in databases of their own.
ALTER ROLE showrunner LOGIN CREATEDB PASSWORD :'owner';
ALTER ROLE showrunner_worker LOGIN PASSWORD :'worker';
ALTER ROLE showrunner_maintenance LOGIN CREATEDB PASSWORD :'maintenance';
-- The owner ends their connections where a backup is put in place.
GRANT showrunner_worker, showrunner_maintenance TO showrunner WITH INHERIT TRUE, SET FALSE;

SELECT 'CREATE DATABASE showrunner OWNER showrunner'
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'showrunner') \gexec
REVOKE CONNECT, TEMPORARY ON DATABASE showrunner FROM PUBLIC;
GRANT CONNECT ON DATABASE showrunner TO showrunner_worker, showrunner_maintenance;
SQL

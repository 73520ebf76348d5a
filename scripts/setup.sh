#!/bin/sh
# Brings .venv up to date with a lock: setup.sh runtime|dev. Finds a Python, then leaves the work to setup.py.
set -eu
cd "$(dirname "$0")/.."

suitable() { # 3.11 or newer, able to make virtual environments with pip in them
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        if suitable "$PYTHON"; then echo "$PYTHON"; return; fi
        echo "PYTHON=$PYTHON is not a Python 3.11 or newer with the venv and ensurepip modules." >&2
        return 1
    fi
    # The newest that the locked wheels are made for, then whatever else there is.
    for candidate in python3.14 python3.13 python3.12 python3.11 python3 python; do
        if suitable "$candidate"; then echo "$candidate"; return; fi
    done
    echo "Millwright needs Python 3.11 or newer with its venv module." >&2
    echo "Found: $(python3 --version 2>/dev/null || echo 'no python3')." >&2
    echo "Install one (Debian, Ubuntu: apt-get install python3 python3-venv) or name one: make PYTHON=/path/to/python3 …" >&2
    return 1
}

# Quick way out: an environment that runs, of the asked-for interpreter, decides by itself whether it is up to date.
if [ -z "${PYTHON:-}" ] && .venv/bin/python -c 'import pip' >/dev/null 2>&1; then
    exec .venv/bin/python scripts/setup.py "$1"
fi
python=$(find_python)
exec "$python" scripts/setup.py "$1"

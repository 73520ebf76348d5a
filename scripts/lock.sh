#!/bin/sh
# Rewrites the lock files: exact versions with hashes, for every platform and Python 3.11+, naming no index.
# Versions that still satisfy pyproject.toml are kept; arguments go to uv (for example --upgrade, or --upgrade-package NAME).
set -eu
cd "$(dirname "$0")/.."
if ! command -v uv >/dev/null 2>&1; then
    echo "make lock needs uv on the PATH (pip install uv). Nothing else here does." >&2
    exit 1
fi
compile() {
    uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --no-emit-find-links --no-annotate --no-header --quiet --extra all --group build "$@"
}
compile --group dev --group docs --output-file locks/dev.txt "$@"
# What runs is a part of what is tested: the runtime lock takes the versions of the developers' lock.
compile --constraint locks/dev.txt --output-file locks/runtime.txt
# Spark and Ray by themselves, for the tests on them: hundreds of MB that nobody else needs.
for group in spark ray; do
    uv pip compile --group "pyproject.toml:$group" --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet --constraint locks/dev.txt \
        --output-file "locks/$group.txt" "$@"
done
echo "locks: $(grep -c == locks/runtime.txt) packages to run, $(grep -c == locks/dev.txt) to develop"

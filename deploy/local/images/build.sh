#!/usr/bin/env bash
# Builds the images that TEST_STACK=containers runs: local/kafka:4.1.0 and local/postgres:15.
# usage: [BASE_IMAGE=debian:bookworm-slim] [KAFKA_IMAGE=...] [POSTGRES_IMAGE=...] build.sh
# Without BASE_IMAGE the official one is pulled; where nothing can be pulled, a base is built (as root).
# Images that exist are left alone: remove one to have it built again.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
repository=$(cd "$here/../../.." && pwd)
kafka=${KAFKA_IMAGE:-local/kafka:4.1.0}
postgres=${POSTGRES_IMAGE:-local/postgres:15}
python=$repository/.venv/bin/python

exists() { docker image inspect "$1" >/dev/null 2>&1; }

if ! docker info >/dev/null 2>&1; then
    echo "build: no container engine answers. As root: apt-get install -y docker.io && dockerd &" >&2
    exit 1
fi
if exists "$kafka" && exists "$postgres"; then
    echo "$kafka and $postgres are there"
    exit 0
fi

base=${BASE_IMAGE:-debian:bookworm-slim}
if ! exists "$base" && ! docker pull -q "$base" 2>/dev/null; then
    base=local/debian:bookworm
    exists "$base" || "$here/base-image.sh" bookworm "$base"
fi

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
if ! exists "$kafka"; then
    libs=$("$python" -c 'from local_stack.jars import kafka_jars; print(kafka_jars())')
    mkdir "$context/libs"
    cp "$libs"/*.jar "$context/libs/"
    cp "$here"/kafka/* "$here/../kafka/log4j2.properties" "$context/"
    docker build -q --rm --force-rm --build-arg BASE_IMAGE="$base" -t "$kafka" "$context" >/dev/null
    echo "$kafka"
fi
if ! exists "$postgres"; then
    docker build -q --rm --force-rm --build-arg BASE_IMAGE="$base" -t "$postgres" "$here/postgres" >/dev/null
    echo "$postgres"
fi

#!/usr/bin/env bash
# Builds every image of the suite, and with `sandbox` also those that only a trial needs (simulators, judge, Kafka, PostgreSQL).
# usage: [VERSION=0.1.0] [REGISTRY=registry.example.com/] [BASE_IMAGE=python:3.11-slim-bookworm] build.sh [sandbox]
# Takes docker or buildah, whichever answers. Without BASE_IMAGE the official image is pulled; where nothing can be pulled a
# base is built from Debian's packages (as root, with docker). PIP_CERT, if set, is the certificate file for the package index.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
repository=$(cd "$here/../.." && pwd)
version=${VERSION:-0.1.0}
prefix=${REGISTRY:-}invoice-sync
revision=$(git -C "$repository" rev-parse --short=12 HEAD 2>/dev/null || echo unknown)

if docker info >/dev/null 2>&1; then
    engine=docker
elif command -v buildah >/dev/null; then
    engine=buildah
else
    echo "images: neither docker nor buildah answers. As root: apt-get install -y docker.io && dockerd &" >&2
    exit 1
fi

there() { if [ $engine = docker ]; then docker image inspect "$1"; else buildah inspect --type image "$1"; fi >/dev/null 2>&1; }

base=${BASE_IMAGE:-python:3.11-slim-bookworm}
arguments=()
if [ -z "${BASE_IMAGE:-}" ] && ! there "$base" && ! $engine pull -q "$base" >/dev/null 2>&1; then
    if [ $engine != docker ]; then
        echo "images: $base can not be pulled; set BASE_IMAGE to an image with Python 3.11 or newer" >&2
        exit 1
    fi
    base=local/python:3.11
    there "$base" || "$repository/deploy/local/images/base-image.sh" bookworm "$base" python3,python3-venv
    # Its certificates are this machine's, which pip has to be told.
    : "${PIP_CERT:=/etc/ssl/certs/ca-certificates.crt}"
fi
[ -z "${PIP_CERT:-}" ] || arguments+=(--build-arg "PIP_CERT=$PIP_CERT")

build() { # image, Dockerfile
    local tag=$prefix/$1:$version command=(docker build -q --rm --force-rm) size
    # Only the docker format knows health checks.
    [ $engine = docker ] || command=(buildah build -q --format docker)
    "${command[@]}" --build-arg BASE_IMAGE="$base" --build-arg VERSION="$version" --build-arg REVISION="$revision" \
        "${arguments[@]}" -f "$repository/$2" -t "$tag" "$repository" >/dev/null
    size=''
    [ $engine != docker ] || size=$(docker image inspect -f '{{.Size}}' "$tag" | awk '{printf "%.0f MB", $1 / 1e6}')
    echo "$tag $size"
}

for service in poller mapper xero-writer status-api dashboard; do
    build "$service" "services/$service/Dockerfile"
done
if [ "${1:-}" = sandbox ]; then
    build simulators simulators/Dockerfile
    build judge deploy/images/judge/Dockerfile
    if [ $engine = docker ]; then
        "$repository/deploy/local/images/build.sh"
    else
        echo "images: local/kafka:4.1.0 and local/postgres:15 are built by deploy/local/images/build.sh, which needs docker"
    fi
fi

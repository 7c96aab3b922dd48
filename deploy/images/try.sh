#!/usr/bin/env bash
# Starts every image as a cluster would (another user, read-only root, no capabilities, no network) without its variables and
# wants it to stop with exit code 2 and the name of the first one missing; prints how long that took.
# usage: [VERSION=0.1.0] [REGISTRY=] try.sh
set -uo pipefail
prefix=${REGISTRY:-}invoice-sync version=${VERSION:-0.1.0} failed=0
for image in poller mapper xero-writer status-api dashboard; do
    began=$(date +%s%N)
    said=$(docker run --rm --read-only --tmpfs /tmp --network none --cap-drop ALL --security-opt no-new-privileges \
        --user 20002:20002 "$prefix/$image:$version" 2>&1)
    code=$?
    took=$((($(date +%s%N) - began) / 1000000))
    if [ $code = 2 ] && [[ $said == *" is not set: wanted "* ]]; then
        echo "$image: starts, stops over a missing variable, $took ms"
    else
        echo "$image: exit code $code: $said" >&2
        failed=1
    fi
done
if ! docker run --rm --read-only --network none --cap-drop ALL --user 20002:20002 "$prefix/simulators:$version" simulators.xero --help >/dev/null; then
    echo "simulators: does not start" >&2
    failed=1
fi
exit $failed

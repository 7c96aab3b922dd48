#!/usr/bin/env bash
# A trial of the whole suite in a cluster: the sandbox is installed, synchronises two tenants' books while pods are deleted one
# by one, every Deployment is restarted and PostgreSQL and Kafka are lost, and both sides' books are then compared to the cent.
#
# usage: [KUBECONFIG=...] try.sh [--gentle] [--keep] [--local-volumes FOLDER]
#   --gentle               nothing is deleted or restarted: only the demo inside the cluster
#   --keep                 the namespace stays when it is over (it always stays after a failure)
#   --local-volumes FOLDER for a cluster without a storage class whose only node is this machine: volumes in that folder
#
# kind:    make images IMAGES=sandbox; kind create cluster; for each image of `make images`: kind load docker-image IMAGE; then try.sh
# others:  push the images to where the nodes find them, and set `images` in overlays/sandbox/kustomization.yaml accordingly
# The images are looked for on the nodes and not pulled if they are there.
set -Eeuo pipefail  # E: the trap below also sees what fails inside functions
here=$(cd "$(dirname "$0")" && pwd)
namespace=invoice-sync gentle='' keep='' volumes=''
while [ $# -gt 0 ]; do
    case $1 in
        --gentle) gentle=1 ;;
        --keep) keep=1 ;;
        --local-volumes) volumes=${2:?--local-volumes wants a folder}; shift ;;
        *) echo "try: unknown option $1" >&2; exit 64 ;;
    esac
    shift
done
services=(poller mapper xero-writer status-api-serve status-api-materialize status-api-notify dashboard)
k() { kubectl -n $namespace "$@"; }

if kubectl get namespace $namespace >/dev/null 2>&1; then
    echo "try: the namespace $namespace exists already; a trial wants a cluster without it: kubectl delete namespace $namespace" >&2
    exit 1
fi

make_volumes() { # one folder and one PersistentVolume each; owned through fsGroup
    local node name
    node=$(kubectl get nodes -o jsonpath='{.items[0].metadata.name}')
    for name in kafka postgres; do
        mkdir -p "$volumes/$name"
        kubectl apply -f - <<END
apiVersion: v1
kind: PersistentVolume
metadata: {name: invoice-sync-$name}
spec:
  capacity: {storage: 2Gi}
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: Retain
  claimRef: {namespace: $namespace, name: data-$name-0}
  local: {path: $volumes/$name}
  nodeAffinity:
    required:
      nodeSelectorTerms:
        - matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [$node]}]
END
    done
}
ready() { # everything has as many ready pods as it wants
    local each
    for each in $(k get statefulset,deployment -o name); do k rollout status "$each" --timeout=600s >/dev/null; done
}
latency() { # seconds that every answer of Autotask takes: the load shall outlast the disturbances
    k exec deploy/autotask-simulator -c simulator -- python -c '
import json, sys, urllib.request as r
body = json.dumps({"tenant": None, "seconds": float(sys.argv[1])}).encode()
r.urlopen(r.Request("http://127.0.0.1:8081/_control/latency", body, {"Content-Type": "application/json"}), timeout=10)' "$1"
}
judge() { # run or compare; its words are printed
    k delete job judge --ignore-not-found --wait=true >/dev/null
    kubectl kustomize "$here/overlays/sandbox/judge" | sed "s/^        - run\$/        - $1/" | kubectl apply -f - >/dev/null
    k wait job/judge --for=jsonpath='{.status.ready}'=1 --timeout=120s >/dev/null 2>&1 || true
    local seen=1
    k logs -f job/judge || seen=''
    until [ -n "$(k get job judge -o jsonpath='{.status.conditions[?(@.status=="True")].type}')" ]; do
        k wait job/judge --for=condition=Complete --timeout=5s >/dev/null 2>&1 || true
    done
    [ -n "$seen" ] || k logs job/judge || true
    k wait job/judge --for=condition=Complete --timeout=1s >/dev/null
}
told() { # what to look at after a failure
    echo "try: failed in line $1; the namespace $namespace is left as it is" >&2
    k get pods -o wide >&2 || true
    k get events --field-selector type=Warning --sort-by=.lastTimestamp 2>/dev/null | tail -20 >&2 || true
}
trap 'told $LINENO' ERR

began=$SECONDS
[ -z "$volumes" ] || make_volumes
"$here/release.sh" "$here/overlays/sandbox"
ready
echo "try: every pod is ready after $((SECONDS - began)) s"

if [ -z "$gentle" ]; then
    latency 2
    for service in "${services[@]}"; do
        for pod in $(k get pods -l "app.kubernetes.io/name=$service" -o name); do
            echo "try: deleting $pod"
            k delete "$pod" --wait=true >/dev/null
            k rollout status "deployment/$service" --timeout=600s >/dev/null
        done
    done
    for service in "${services[@]}"; do
        echo "try: restarting $service"
        k rollout restart "deployment/$service" >/dev/null
        k rollout status "deployment/$service" --timeout=600s >/dev/null
    done
    for pod in postgres-0 kafka-0; do
        echo "try: losing $pod"
        k delete pod "$pod" --grace-period=0 --force --wait=true >/dev/null 2>&1
        k wait "pod/$pod" --for=condition=Ready --timeout=300s >/dev/null
    done
    echo "try: killing every service at once"
    k delete pods -l "app.kubernetes.io/name in ($(IFS=,; echo "${services[*]}"))" --grace-period=0 --force >/dev/null 2>&1
    ready
    latency 0
fi

judge run
if [ -z "$gentle" ]; then
    echo "try: restarting everything once more, then comparing again"
    k rollout restart deployment "${services[@]}" >/dev/null
    ready
    judge compare
fi
restarts=$(k get pods -o jsonpath='{range .items[*]}{.metadata.labels.app\.kubernetes\.io/name}{" "}{.status.containerStatuses[0].restartCount}{"\n"}{end}' | awk '$2 > 0')
[ -z "$restarts" ] || echo "try: containers that were started again by themselves:"$'\n'"$restarts"
echo "try: all as it has to be, $((SECONDS - began)) s"
if [ -z "$keep" ]; then
    kubectl delete namespace $namespace --wait=true
    [ -z "$volumes" ] || kubectl delete pv invoice-sync-kafka invoice-sync-postgres
fi

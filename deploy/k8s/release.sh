#!/usr/bin/env bash
# Rolls a release out in its order: what it needs (namespace, configuration, policies), the Jobs (topics, migrations) to their
# end, then the services, until every replica is ready. The same command for the first installation and for an upgrade.
# usage: [KUBECONFIG=...] release.sh OVERLAY        e.g. release.sh deploy/k8s/overlays/production
set -euo pipefail
overlay=${1:?usage: release.sh OVERLAY}
namespace=invoice-sync
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if command -v kustomize >/dev/null; then render=(kustomize build); else render=(kubectl kustomize); fi
"${render[@]}" "$overlay" >"$work/all.yaml"

# Splits by kind: the last phase scales or restarts pods, the second must be done by then, the first is what both need.
awk -v RS='---\n' -v work="$work" '
    match($0, /(^|\n)kind: [A-Za-z]+/) {
        kind = substr($0, RSTART, RLENGTH); sub(/.*kind: /, "", kind)
        name = /\n  name: (poller|mapper|xero-writer|status-api-[a-z]+|dashboard)\n/
        phase = kind == "Job" ? "jobs" : (kind == "Deployment" && name) || kind ~ /^(HorizontalPodAutoscaler|ScaledObject)$/ ? "services" : "needs"
        printf "---\n%s", $0 >> (work "/" phase ".yaml")
    }' "$work/all.yaml"

echo "release: configuration"
kubectl apply -f "$work/needs.yaml"
for stateful in $(kubectl -n $namespace get statefulset -l app.kubernetes.io/part-of=invoice-sync -o name); do
    kubectl -n $namespace rollout status "$stateful" --timeout=300s
done

echo "release: topics and migrations"
# A Job can not be changed; those of the last release are done.
kubectl -n $namespace delete job -l invoice-sync/phase=before-roll-out --ignore-not-found --wait=true
kubectl apply -f "$work/jobs.yaml"
jobs=$(kubectl -n $namespace get job -l invoice-sync/phase=before-roll-out -o name)
deadline=$((SECONDS + 660))
for job in $jobs; do
    # Either end is an end: a failed Job is told at once, not after the time is over.
    until [ -n "$(kubectl -n $namespace get "$job" -o jsonpath='{.status.conditions[?(@.status=="True")].type}')" ] || [ $SECONDS -ge $deadline ]; do
        kubectl -n $namespace wait "$job" --for=condition=Complete --timeout=5s >/dev/null 2>&1 || true
    done
    if ! kubectl -n $namespace wait "$job" --for=condition=Complete --timeout=1s >/dev/null 2>&1; then
        echo "release: $job did not succeed; the services were left as they are" >&2
        kubectl -n $namespace logs "$job" --tail=20 >&2 || true
        exit 1
    fi
    echo "$job is done"
done

echo "release: services"
kubectl apply -f "$work/services.yaml"
for deployment in $(kubectl -n $namespace get deployment -l app.kubernetes.io/part-of=invoice-sync -o name); do
    kubectl -n $namespace rollout status "$deployment" --timeout=600s
done

#!/usr/bin/env bash
# Runs one command of a service in a pod like those of its Deployment: account, variables, volumes and rights are the same, but
# no Service sends it anything. Prints what it says and ends with its exit code. Needs python3 here.
# usage: [KUBECONFIG=...] once.sh DEPLOYMENT COMMAND [ARGUMENT...]       e.g. once.sh xero-writer forget-lists --tenant acme
set -euo pipefail
deployment=${1:?usage: once.sh DEPLOYMENT COMMAND [ARGUMENT...]}
shift
: "${1:?usage: once.sh DEPLOYMENT COMMAND [ARGUMENT...]}"
namespace=invoice-sync
pod=$(kubectl -n $namespace get deployment "$deployment" -o json | python3 -c '
import json, sys
name, *arguments = sys.argv[1:]
template = json.load(sys.stdin)["spec"]["template"]
labels = {key: value for key, value in template["metadata"]["labels"].items() if key.startswith("invoice-sync/to-")}
spec = template["spec"] | {"restartPolicy": "Never"}
spec.pop("topologySpreadConstraints", None)
container = spec["containers"][0] | {"args": arguments}
for member in ("startupProbe", "readinessProbe", "livenessProbe", "lifecycle", "ports"):
    container.pop(member, None)
spec["containers"] = [container]
metadata = {"generateName": f"{name}-once-", "labels": labels}
print(json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}))
' "$deployment" "$@" | kubectl -n $namespace create -o name -f -)
trap 'kubectl -n $namespace delete "$pod" --wait=false >/dev/null' EXIT
until [[ $(kubectl -n $namespace get "$pod" -o jsonpath='{.status.phase}') =~ ^(Running|Succeeded|Failed)$ ]]; do
    kubectl -n $namespace wait "$pod" --for=jsonpath='{.status.phase}'=Running --timeout=2s >/dev/null 2>&1 || true
done
kubectl -n $namespace logs -f "$pod"
until code=$(kubectl -n $namespace get "$pod" -o jsonpath='{.status.containerStatuses[0].state.terminated.exitCode}') && [ -n "$code" ]; do
    kubectl -n $namespace wait "$pod" --for=jsonpath='{.status.containerStatuses[0].state.terminated.reason}' --timeout=2s >/dev/null 2>&1 || true
done
exit "$code"

"""Every metric of the suite: one closed list, each with what it tells. Labels are bounded by tenants and the catalogue."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_LATENCY = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_JOURNEY = (0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 300, 900, 3600, 14400)

records_consumed = Counter("invoice_sync_records_consumed_total", "Records taken from Kafka", ["topic"])
records_dead = Counter(
    "invoice_sync_records_dead_total", "Records put into this service's dead-letter topic", ["topic"]
)
batch_seconds = Histogram(
    "invoice_sync_batch_seconds",
    "Time from a batch's first record to its committed offsets",
    buckets=_LATENCY,
)
loop_seconds = Counter("invoice_sync_loop_seconds_total", "Time of the consumer loop by phase", ["phase"])
events_produced = Counter("invoice_sync_events_produced_total", "Events acknowledged by Kafka", ["topic"])
outbox_rows = Gauge("invoice_sync_outbox_rows", "Events that wait in the outbox")
outbox_age_seconds = Gauge("invoice_sync_outbox_age_seconds", "Age of the oldest event in the outbox")
lease_held = Gauge("invoice_sync_lease_held", "1 while this replica holds the tenant's lease", ["tenant"])
lease_lost = Counter("invoice_sync_lease_lost_total", "Leases that ended without being released", ["tenant"])
worker_crashes = Counter(
    "invoice_sync_worker_crashes_total",
    "Tenant workers that failed unexpectedly and were started again",
    ["tenant"],
)
outside_calls = Counter(
    "invoice_sync_outside_calls_total", "Calls to Autotask or Xero", ["side", "tenant", "operation", "status"]
)
outside_seconds = Histogram(
    "invoice_sync_outside_seconds", "Duration of calls to Autotask or Xero", ["side"], buckets=_LATENCY
)
budget_left = Gauge(
    "invoice_sync_budget_left", "Calls left in a provider's window", ["side", "tenant", "window"]
)
circuit_open = Gauge(
    "invoice_sync_circuit_open",
    "1 while a tenant's connection is down, throttled or refused",
    ["side", "tenant"],
)
faults = Counter("invoice_sync_faults_total", "Faults by catalogue code", ["tenant", "code", "side"])
outcomes = Counter("invoice_sync_outcomes_total", "Documents in Xero by outcome", ["tenant", "outcome"])
ledger_documents = Gauge(
    "invoice_sync_ledger_documents", "Documents of the poller's ledger by state", ["tenant", "state"]
)
oldest_pending_seconds = Gauge(
    "invoice_sync_oldest_pending_seconds", "Age of the oldest document in flight", ["tenant"]
)
stamps_waiting = Gauge(
    "invoice_sync_stamps_waiting", "Confirmed documents whose stamp has not got through yet", ["tenant"]
)
oldest_stamp_seconds = Gauge(
    "invoice_sync_oldest_stamp_seconds", "Age of the oldest stamp that has not got through", ["tenant"]
)
lease_expired_seconds = Gauge(
    "invoice_sync_lease_expired_seconds",
    "How long nobody has worked for the tenant, 0 while somebody holds its lease",
    ["tenant"],
)
oldest_unknown_seconds = Gauge(
    "invoice_sync_oldest_unknown_seconds",
    "Age of the oldest request to Xero whose outcome is being verified",
    ["tenant"],
)
stuck = Gauge(
    "invoice_sync_stuck",
    "1 while something that should move does not, by reason: in_flight (over an hour, while Xero's circuit is closed), stamp, cycle, outbox, lease, worker, unknown;"
    " outbox is the whole service's and has no tenant",
    ["tenant", "reason"],
)
duplicates = Counter(
    "invoice_sync_duplicates_total", "Documents found twice in Xero: must stay zero", ["tenant"]
)
intents_unknown = Gauge(
    "invoice_sync_intents_unknown", "Requests to Xero whose outcome is being verified", ["tenant"]
)
handover_seconds = Histogram(
    "invoice_sync_handover_seconds",
    "Time from an event's occurrence to its being stored by the next service",
    ["topic"],
    buckets=_JOURNEY,
)
http_seconds = Histogram(
    "invoice_sync_http_seconds",
    "Duration of requests to status-api",
    ["method", "route", "status"],
    buckets=_LATENCY,
)
sign_ins = Counter(
    "invoice_sync_sign_ins_total",
    "Passwords and invitations that were tried, by outcome: success, refused, throttled (not looked at: too many tries), busy",
    ["outcome"],
)
alerts = Counter(
    "invoice_sync_alerts_total",
    "Messages of status-api notify by channel (mail, chat) and outcome: delivered, refused (the address or the message), failed (the channel)",
    ["channel", "outcome"],
)
alert_age_seconds = Gauge(
    "invoice_sync_alert_age_seconds",
    "Age of the oldest news that wait for a message; they gather for up to an hour, more means that a channel is down",
    ["channel"],
)
page_seconds = Histogram(
    "invoice_sync_page_seconds",
    "Duration of the dashboard's answers until their first byte, by kind: page, action (of a page that is open), sign_in, live, file, asset",
    ["kind", "status"],
    buckets=_LATENCY,
)
page_failures = Counter(
    "invoice_sync_page_failures_total",
    "Pages and actions that did not come about, by outcome: refused (by status-api, which says why), unreachable (it), signed_out, failed (the dashboard itself)",
    ["outcome"],
)
page_streams = Gauge("invoice_sync_page_streams", "Open pages that are told of changes as they happen")
page_calls_seconds = Histogram(
    "invoice_sync_page_calls_seconds",
    "Duration of the dashboard's calls to status-api until the answer begins, by outcome: answered, refused (4xx), failed (5xx), unreachable",
    ["outcome"],
    buckets=_LATENCY,
)

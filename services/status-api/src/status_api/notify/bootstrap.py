"""Wires `status-api notify`."""

from __future__ import annotations

import logging
from functools import partial

from invoice_events.identity import utc_now
from service_runtime.config import Environment, kafka_options
from service_runtime.database import make_engine, require_current_schema
from service_runtime.health import Health, HealthServer
from service_runtime.kafka import make_consumer, require_topics
from service_runtime.leases import Lease, Leases
from service_runtime.lifecycle import Service
from service_runtime.logs import configure_logs
from service_runtime.tenant_workers import TenantWorker, TenantWorkers
from status_api.core.alerts import MAIL
from status_api.names import APP_SCHEMA, PACKAGE, SEARCH_PATH, SERVICE
from status_api.notify.dead_letters import WATCHED, DeadLetterWatch
from status_api.notify.mail import Mail, MailServer
from status_api.notify.noticing import Audience, Noticing
from status_api.notify.sending import Sending

log = logging.getLogger(__name__)

_ROLE = f"{SERVICE}-notify"
_CONNECTIONS = 4
_LEASE_SECONDS = 60.0
"""Of each duty. More than a delivery may take; a replica that dies is replaced within this time."""
_PATIENCE_SECONDS = 120.0  # of the liveness probe
_NOTICE = "alerts/notice"
_DEAD_LETTERS = "alerts/dead-letters"
_CHANNEL = "alerts/"


def notify(env: Environment) -> int:
    """Tell who wants to be told, until stopped; returns the exit code.

    Each duty (to notice, to watch dead letters, each channel) has a lease and a thread of its own: replicas share them, and a
    channel that hangs or fails holds up no other.

    Raises:
        ConfigurationError: a variable is missing or wrong, or the database or the broker does not answer or lacks something.
    """
    configure_logs(SERVICE, env)
    options = kafka_options(env)
    url = env.database_url()
    metrics_port = env.port("METRICS_PORT", 9100)
    server = MailServer.read(env)
    dashboard = env.url("DASHBOARD_URL") if env.optional("DASHBOARD_URL") is not None else None
    chats = {}
    if env.optional("ALERT_URLS") is not None:
        from status_api.notify.chat import Chat, read_chats  # noqa: PLC0415  # only who needs it pays for Apprise's memory

        chats = {_CHANNEL + chat.target.key: (chat.target, Chat(chat.url)) for chat in read_chats(env)}
    if server is None and not chats:
        log.warning("nobody is told anything: neither SMTP_URL nor ALERT_URLS is set")
    engine = make_engine(url, SEARCH_PATH, pool_size=_CONNECTIONS + len(chats))
    require_current_schema(PACKAGE, engine, url, APP_SCHEMA)
    require_topics(options, WATCHED)

    audience = Audience(mail=server is not None, chats=[target for target, _ in chats.values()])

    def worker(duty: str, lease: Lease) -> TenantWorker:
        if duty == _NOTICE:
            return Noticing(engine, lease, audience, utc_now)
        if duty == _DEAD_LETTERS:
            consumer = partial(make_consumer, options, _ROLE, _ROLE)
            return DeadLetterWatch(engine, lease, audience, consumer, utc_now)
        if duty in chats:
            target, chat = chats[duty]
            return Sending(engine, lease, chat, target, dashboard, utc_now)
        if server is None:
            raise ValueError(f"there is no duty {duty}")
        return Sending(engine, lease, Mail(server), None, dashboard, utc_now)

    duties = [_NOTICE, _DEAD_LETTERS, *chats, *([_CHANNEL + MAIL] if server is not None else [])]
    health = Health()
    workers = TenantWorkers(
        Leases(engine, _LEASE_SECONDS),
        lambda: duties,
        worker,
        partial(health.beat, "duties", _PATIENCE_SECONDS),
    )
    probes = HealthServer(health, metrics_port)
    probes.start()
    service = Service(_ROLE)
    service.loop("duties", workers.run)
    service.on_stop("engine", engine.dispose)
    service.on_stop("probes", probes.stop)
    return service.run()

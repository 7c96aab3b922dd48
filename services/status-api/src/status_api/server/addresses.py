"""Which proxies are believed when they tell whom they speak for."""

from __future__ import annotations

from ipaddress import ip_network

from service_runtime.config import ConfigurationError, Environment
from status_api.core.throttling import Network

_WANTED = "networks such as 10.0.0.0/8, comma separated"


def trusted_proxies(env: Environment) -> tuple[Network, ...]:
    """Networks of STATUS_API_TRUSTED_PROXIES: the dashboard and the ingress, which send X-Forwarded-For. None by default.

    Raises:
        ConfigurationError: one is no network.
    """
    told = env.optional("STATUS_API_TRUSTED_PROXIES") or ""
    try:
        return tuple(ip_network(part.strip()) for part in told.split(",") if part.strip())
    except ValueError as error:
        raise ConfigurationError(f"STATUS_API_TRUSTED_PROXIES is {told!r}: wanted {_WANTED}") from error

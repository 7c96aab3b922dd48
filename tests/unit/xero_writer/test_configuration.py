"""A missing or malformed variable stops the start with one line that says what is wanted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from service_runtime.config import ConfigurationError, Environment
from xero_writer.bootstrap import Configuration

TENANTS = "tenants: [{id: acme, xero: {client_id: c, client_secret: s}}]"


def environment(tmp_path: Path, tenants: str = TENANTS, **changes: str) -> Environment:
    file = tmp_path / "tenants.yaml"
    file.write_text(tenants)
    return Environment(
        {
            "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
            "DATABASE_URL": "postgresql://u:p@127.0.0.1:1/d",
            "TENANTS_FILE": str(file),
        }
        | changes
    )


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"DATABASE_URL": ""}, "DATABASE_URL is not set"),
        ({"TENANTS_FILE": ""}, "TENANTS_FILE is not set"),
        ({"XERO_API_URL": "ftp://x"}, "XERO_API_URL"),
        ({"XERO_IDENTITY_URL": "x"}, "XERO_IDENTITY_URL"),
        ({"XERO_KEY_LIFETIME_SECONDS": "long"}, "XERO_KEY_LIFETIME_SECONDS"),
        ({"LEASE_SECONDS": "119"}, "LEASE_SECONDS is 119: wanted at least twice the call deadline"),
        ({"XERO_KEY_LIFETIME_SECONDS": "361"}, "LEASE_SECONDS is 120"),
        ({"METRICS_PORT": "x"}, "METRICS_PORT"),
    ],
)
def test_a_wrong_variable_is_named_with_what_is_wanted(
    tmp_path: Path, changes: dict[str, str], named: str
) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(named)):
        Configuration.read(environment(tmp_path, **changes))


def test_a_tenant_without_credentials_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="acme: xero is missing"):
        Configuration.read(environment(tmp_path, "tenants: [{id: acme}]"))


def test_the_defaults_are_those_that_are_documented(tmp_path: Path) -> None:
    config = Configuration.read(environment(tmp_path))
    assert (config.lease_seconds, config.timing.key_lifetime) == (120.0, 360.0)
    assert config.api_url == "https://api.xero.com"
    assert config.identity_url == "https://identity.xero.com"

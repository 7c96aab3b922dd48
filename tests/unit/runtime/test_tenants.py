"""The tenants file: whatever is wrong with it is told in one line with its place, and never with a secret."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from service_runtime.config import ConfigurationError
from service_runtime.tenants import TenantsFile, load_tenants

GOOD = """
tenants:
  - id: acme
    name: Acme Managed IT
    time_zone: Pacific/Auckland
    autotask: {username: api@acme.example, secret: hidden-one, integration_code: hidden-two}
    xero: {client_id: app-1, client_secret: hidden-three, grant: client_credentials, organisation_id: org-1}
    settings: {days_back: 30}
    state: active
  - id: beta-2
    autotask: {username: api@beta.example, secret: hidden-four, integration_code: hidden-five}
"""


def _file(folder: Path, text: str | bytes) -> Path:
    path = folder / "tenants.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def _entry(text: str) -> str:
    return f"tenants:\n  - {{{text}}}\n"


AUTOTASK = "username: a, secret: hidden, integration_code: hidden"
XERO = "client_id: a, client_secret: hidden"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", ": wanted a list under tenants"),
        ("tenants:\n", ": wanted a list under tenants"),
        ("tenants: {}\n", ": wanted a list under tenants"),
        ("- id: acme\n", ": wanted a list under tenants"),
        ("tenants:\n  - {id: a\n", "is no YAML in line 3: wanted a list under tenants"),
        ("tenants: [{id: a, since: 2025-13-45}]\n", "is no YAML"),
        (b"tenants: \xff\xfe\n", "is no "),
        ("tenants:\n  - acme\n", "tenants[0]: wanted a mapping"),
        (_entry("name: x"), "tenants[0].id: missing or empty, wanted [a-z0-9-], at most 40 characters"),
        (_entry("id: 12"), "tenants[0].id: no text but a int, wanted [a-z0-9-]"),
        (_entry("id: ACME"), "tenants[0].id: 'ACME' is no tenant id, wanted [a-z0-9-]"),
        (_entry("id: " + "a" * 41), "tenants[0].id: "),
        (_entry("id: a/b"), "tenants[0].id: "),
        (_entry("id: a, colour: red"), "tenants[0].colour: not known, wanted id, name"),
        (_entry("id: a, 5: red, x: 1"), "tenants[0].5: not known"),
        (_entry("id: a, state: on-hold"), "tenants[0].state: 'on-hold', wanted active or paused"),
        (_entry("id: a, state: [active]"), "tenants[0].state: "),
        (_entry("id: a, settings: 5"), "tenants[0].settings: wanted a mapping"),
        (_entry("id: a, settings: {days_back: 0}"), "tenants[0].settings.days_back: "),
        (_entry("id: a, settings: {unheard_of: 0}"), "tenants[0].settings"),
        (
            _entry("id: a, time_zone: Middle/Earth"),
            "tenants[0].settings.time_zone: 'Middle/Earth' is no IANA time zone",
        ),
        (_entry("id: a, time_zone: 12"), "tenants[0].settings.time_zone: "),
        (_entry("id: a, autotask: x"), "tenants[0].autotask: wanted a mapping"),
        (
            _entry("id: a, autotask: {}"),
            "tenants[0].autotask.username: missing or empty, wanted the API user's name",
        ),
        (
            _entry("id: a, autotask: {username: a, secret: ''}"),
            "tenants[0].autotask.secret: missing or empty",
        ),
        (
            _entry("id: a, autotask: {username: a, secret: 5}"),
            "tenants[0].autotask.secret: no text but a int",
        ),
        (
            _entry("id: a, autotask: {username: a, secret: hidden}"),
            "tenants[0].autotask.integration_code: missing",
        ),
        (_entry(f"id: a, autotask: {{{AUTOTASK}, zone: 5}}"), "tenants[0].autotask.zone: not known"),
        (_entry("id: a, xero: []"), "tenants[0].xero: wanted a mapping"),
        (_entry("id: a, xero: {client_secret: hidden}"), "tenants[0].xero.client_id: missing"),
        (_entry("id: a, xero: {client_id: a}"), "tenants[0].xero.client_secret: missing"),
        (
            _entry(f"id: a, xero: {{{XERO}, grant: password}}"),
            "tenants[0].xero.grant: 'password', wanted client_credentials",
        ),
        (
            _entry(f"id: a, xero: {{{XERO}, organization_id: b}}"),
            "tenants[0].xero.organization_id: not known",
        ),
        (
            _entry(f"id: a, xero: {{{XERO}, organisation_id: ''}}"),
            "tenants[0].xero.organisation_id: missing or empty",
        ),
        ("tenants: [{id: a}, {id: a}]\n", "tenants[1].id: a is there twice, wanted one entry per tenant"),
        (
            f"tenants: [{{id: a, autotask: {{{AUTOTASK}}}}}, {{id: b, autotask: {{{AUTOTASK.replace(': a', ': A')}}}}}]\n",
            "tenants a and b share one autotask.username, wanted one each",
        ),
        (
            f"tenants: [{{id: a, xero: {{{XERO}}}}}, {{id: b, xero: {{{XERO}}}}}]\n",
            "tenants a and b share one xero.client_id, wanted one each",
        ),
        (
            f"tenants: [{{id: a, xero: {{{XERO}, organisation_id: o}}}}, {{id: b, xero: {{{XERO.replace(': a', ': b')}, organisation_id: O}}}}]\n",
            "tenants a and b share one xero.organisation_id, wanted one each",
        ),
    ],
)
def test_no_wrong_file_passes_or_hides_the_place(tmp_path: Path, text: str | bytes, place: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_tenants(_file(tmp_path, text))

    words = str(caught.value)
    assert words.startswith("TENANTS_FILE")
    assert place in words
    assert "\n" not in words
    assert "hidden" not in words


def test_no_unreadable_file_goes_unnamed(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"TENANTS_FILE .*nowhere\.yaml can not be read .*wanted"):
        load_tenants(tmp_path / "nowhere.yaml")


def test_no_entry_is_read_wrongly(tmp_path: Path) -> None:
    tenants = load_tenants(_file(tmp_path, GOOD))

    acme, beta = tenants["acme"], tenants["beta-2"]
    assert (acme.name, acme.state, acme.settings) == (
        "Acme Managed IT",
        "active",
        {"days_back": 30, "time_zone": "Pacific/Auckland"},
    )
    assert acme.autotask is not None
    assert acme.autotask.secret == "hidden-one"
    assert acme.xero is not None
    assert acme.xero.organisation_id == "org-1"
    assert (beta.name, beta.state, beta.xero, beta.settings) == ("beta-2", "paused", None, {})


def test_no_secret_shows_when_a_tenant_is_printed(tmp_path: Path) -> None:
    tenants = load_tenants(_file(tmp_path, GOOD))

    assert "hidden" not in f"{tenants} {tenants!r} {list(tenants.values())}"


def test_no_change_of_the_file_goes_unread(tmp_path: Path) -> None:
    path = _file(tmp_path, GOOD)
    tenants = TenantsFile(path)
    assert tenants.refresh() is None

    path.write_text(GOOD + "  - {id: gamma}\n", "utf-8")

    assert tenants.refresh() is None
    assert set(tenants.tenants) == {"acme", "beta-2", "gamma"}


def test_no_swapped_file_of_the_same_size_and_time_goes_unread(tmp_path: Path) -> None:
    """As a mounted secret is: a new file under the same name."""
    path = _file(tmp_path, GOOD)
    tenants = TenantsFile(path)
    before = path.stat()
    swapped = tmp_path / "swapped.yaml"
    swapped.write_text(GOOD.replace("hidden-one", "hidden-new"), "utf-8")
    os.utime(swapped, ns=(before.st_atime_ns, before.st_mtime_ns))
    swapped.replace(path)

    assert tenants.refresh() is None
    assert tenants.tenants["acme"].autotask is not None
    assert tenants.tenants["acme"].autotask.secret == "hidden-new"


@pytest.mark.parametrize("broken", ["tenants: 5\n", None])
def test_no_broken_change_takes_the_tenants_away(tmp_path: Path, broken: str | None) -> None:
    path = _file(tmp_path, GOOD)
    tenants = TenantsFile(path)
    if broken is None:
        path.unlink()
    else:
        path.write_text(broken, "utf-8")

    problem = tenants.refresh()

    assert problem is not None
    assert "wanted" in problem
    assert set(tenants.tenants) == {"acme", "beta-2"}

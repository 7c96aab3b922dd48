"""Each service is told what it needs, and nothing that belongs to another."""

from dataclasses import replace
from pathlib import Path

import pytest

from local_stack.errors import StackError
from local_stack.options import StackOptions, external_targets
from local_stack.services import SERVICES, Surroundings, Targets, migration, service_processes

SURROUNDINGS = Surroundings(
    bootstrap="127.0.0.1:9092",
    logs=Path("/logs"),
    databases={name: f"postgresql://host/{name}" for name in SERVICES if SERVICES[name].database},
    tenants_file=Path("/tenants.yaml"),
    targets=Targets(
        autotask_zone_url="http://a/atservicesrest", xero_api_url="http://x", xero_identity_url="http://i"
    ),
    admin_token="token-of-sixteen",
    status_api_url="http://s",
    session_key="key-of-thirty-two-characters-123",
    extra={"*": {"LOG_LEVEL": "debug"}, "poller": {"LOG_LEVEL": "warning", "LEASE_SECONDS": "4"}},
)


def told(name: str) -> dict[str, str]:
    return {key: value for key, value in SURROUNDINGS.environment(SERVICES[name]).items() if value}


def test_no_service_is_told_of_the_others_database_or_provider() -> None:
    assert told("poller") == {
        "PYTHONUNBUFFERED": "1",
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9092",
        "DATABASE_URL": "postgresql://host/poller",
        "TENANTS_FILE": "/tenants.yaml",
        "AUTOTASK_ZONE_URL": "http://a/atservicesrest",
        "LOG_LEVEL": "warning",
        "LEASE_SECONDS": "4",
    }
    assert told("mapper") == {
        "PYTHONUNBUFFERED": "1",
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9092",
        "LOG_LEVEL": "debug",
    }
    assert told("xero-writer")["XERO_API_URL"] == "http://x"
    assert told("xero-writer")["XERO_IDENTITY_URL"] == "http://i"
    assert "AUTOTASK_ZONE_URL" not in told("xero-writer")
    assert told("status-api")["STATUS_API_ADMIN_TOKEN"] == "token-of-sixteen"
    assert "DASHBOARD_SESSION_KEY" not in told("status-api")
    assert told("dashboard") == {
        "PYTHONUNBUFFERED": "1",
        "STATUS_API_URL": "http://s",
        "DASHBOARD_SESSION_KEY": "key-of-thirty-two-characters-123",
        "LOG_LEVEL": "debug",
    }


def test_a_variable_of_the_shell_never_sends_a_service_to_the_real_provider() -> None:
    environment = SURROUNDINGS.environment(SERVICES["mapper"])
    assert (
        environment["AUTOTASK_ZONE_URL"] == environment["XERO_API_URL"] == environment["TENANTS_FILE"] == ""
    )


def test_replicas_have_names_and_ports_of_their_own() -> None:
    processes = service_processes(SERVICES["xero-writer"], SURROUNDINGS, 3)
    assert [process.name for process in processes] == ["xero-writer", "xero-writer-2", "xero-writer-3"]
    assert len({process.metrics_url for process in processes}) == 3
    assert len({process.child.process.log for process in processes}) == 3


def test_only_one_process_serves_http() -> None:
    processes = service_processes(SERVICES["status-api"], SURROUNDINGS, 2)
    names = [process.name for process in processes]
    assert names == ["status-api-materialize", "status-api-materialize-2", "status-api-serve"]
    assert [process.name for process in processes if process.http_url] == ["status-api-serve"]


def test_the_dashboard_runs_only_where_it_is_asked_for() -> None:
    assert "dashboard" not in StackOptions(tenants={"tenants": []}).services
    (process,) = service_processes(SERVICES["dashboard"], SURROUNDINGS)
    assert process.name == "dashboard-serve"
    told_there = process.child.process.environment
    assert process.http_url == f"http://127.0.0.1:{told_there['DASHBOARD_PORT']}"
    assert "STATUS_API_PORT" not in told_there


def test_alerts_are_sent_only_where_somewhere_to_send_them_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_URL", "smtp://of-this-machine?from=a@b.c")
    service = SERVICES["status-api"]
    silent = [process.name for process in service_processes(service, SURROUNDINGS)]
    assert silent == ["status-api-materialize", "status-api-serve"]
    extra = {**SURROUNDINGS.extra, "status-api": {"ALERT_URLS": "json://127.0.0.1"}}
    telling = [process.name for process in service_processes(service, replace(SURROUNDINGS, extra=extra))]
    assert telling == [*silent, "status-api-notify"]


def test_services_run_by_module_in_this_interpreter() -> None:
    (process,) = service_processes(SERVICES["poller"], SURROUNDINGS)
    assert list(process.child.process.command)[1:] == ["-m", "poller", "run"]
    assert list(migration(SERVICES["poller"], SURROUNDINGS).command)[1:] == ["-m", "poller", "migrate"]


def test_without_variables_the_simulators_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TENANTS_FILE", "AUTOTASK_ZONE_URL", "XERO_API_URL", "XERO_IDENTITY_URL"):
        monkeypatch.delenv(name, raising=False)
    assert external_targets() is None


def test_a_tenants_file_alone_means_the_real_providers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AUTOTASK_ZONE_URL", "XERO_API_URL", "XERO_IDENTITY_URL"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "tenants.yaml"
    file.touch()
    monkeypatch.setenv("TENANTS_FILE", str(file))
    assert external_targets() == (file, Targets())


def test_an_address_without_credentials_for_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TENANTS_FILE", raising=False)
    monkeypatch.setenv("XERO_API_URL", "https://api.example")
    with pytest.raises(StackError, match="XERO_API_URL is set, so TENANTS_FILE must name the file"):
        external_targets()


def test_no_service_reaches_a_real_provider_by_leaving_out_a_simulator() -> None:
    with pytest.raises(StackError, match="xero-writer needs the simulator 'xero' or targets"):
        StackOptions(simulators=["autotask"], tenants={"tenants": []})

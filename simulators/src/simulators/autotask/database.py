"""One Autotask database: its records, its switches, and who stamped what when."""

from __future__ import annotations

import threading
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from simulators.autotask.entities import all_entities, entity
from simulators.autotask.errors import RefusalError
from simulators.autotask.limits import HourlyQuota, Threads
from simulators.autotask.picklists import read_picklists
from simulators.autotask.switches import Switches
from simulators.autotask.table import Table
from simulators.autotask.values import check
from simulators.kit.documents import BadDocumentError, as_list, as_object, check_members

if TYPE_CHECKING:
    from datetime import datetime

    from simulators.autotask.entities import EntityType, Field

    Record = dict[str, Any]

STAMPED = frozenset({"Invoices", "BillingItems"})


class Database:
    """The data of one tenant. Whoever reads or changes records holds ``lock``."""

    def __init__(self, document: object) -> None:
        """Load a tenant from its JSON form.

        Raises:
            BadDocumentError: Something unknown, missing or of the wrong type; the text names it.
        """
        tenant = as_object(document, "tenant")
        check_members(
            tenant,
            "tenant",
            required=("tenant", "username", "secret", "integration_code"),
            optional=("switches", "picklists", "entities"),
        )
        self.id = _text(tenant, "tenant")
        self.username = _text(tenant, "username")
        self.secret = _text(tenant, "secret")
        self.integration_code = _text(tenant, "integration_code")
        self.switches = Switches().with_changes(
            as_object(tenant.get("switches", {}), "switches"), f"tenant {self.id}: switches"
        )
        self.lock = threading.RLock()
        self.tables = {each.name: Table(each) for each in all_entities().values()}
        self.picklists = read_picklists(tenant.get("picklists", {}), f"tenant {self.id}: picklists")
        self.stamps: dict[tuple[str, int], list[dict[str, str | None]]] = {}
        self.failed_logins = 0
        self.locked = False
        self.quota = HourlyQuota()
        self.threads = Threads()
        for name, records in as_object(tenant.get("entities", {}), "entities").items():
            self.upsert(name, records)

    def upsert(self, name: str, records: object) -> int:
        """Add records, or set the given fields of those that exist; returns how many.

        Raises:
            BadDocumentError: Unknown entity or field, or a value of the wrong type.
        """
        kind = entity(name)
        if kind is None:
            raise BadDocumentError(f"tenant {self.id}: unknown entity {name}")
        ready = [_record(kind, each, f"tenant {self.id}: {kind.name}") for each in as_list(records, name)]
        with self.lock:
            table = self.tables[kind.name]
            for record in ready:
                table.put({**(table.get(record["id"]) or {}), **record})
        return len(ready)

    def check_record(self, kind: EntityType, record: Record) -> None:
        """Refuse a record that could not be stored.

        Raises:
            BadDocumentError: An unknown field or a value of the wrong type.
        """
        _record(kind, record, f"tenant {self.id}: {kind.name}")

    def remove(self, name: str, number: int) -> None:
        """Delete a record, as a person does.

        Raises:
            BadDocumentError: There is no such entity or record.
        """
        kind = entity(name)
        with self.lock:
            if kind is None or self.tables[kind.name].get(number) is None:
                raise BadDocumentError(f"tenant {self.id}: there is no {name} {number}")
            self.tables[kind.name].remove(number)

    def write(self, kind: EntityType, number: int, values: Record, at: datetime) -> None:
        """Set fields of a record that exists, and remember what was done to its stamp."""
        with self.lock:
            self.tables[kind.name].change(number, {name: stored(value) for name, value in values.items()})
            if kind.name in STAMPED and "webServiceDate" in values:
                history = self.stamps.setdefault((kind.name, number), [])
                history.append({"at": at.isoformat(), "value": values["webServiceDate"]})

    def books(self) -> dict[str, Any]:
        """The complete state, for comparison by somebody who does not go through the API.

        ``stamps`` lists every write of a Web Service Date through the API or by control, in order, with the
        time of the first that set one.
        """
        with self.lock:
            return {
                "tenant": self.id,
                "entities": {
                    name: [as_text(record) for record in table]
                    for name, table in self.tables.items()
                    if len(table)
                },
                "stamps": [
                    {
                        "entity": name,
                        "id": number,
                        "first_set_at": next((write["at"] for write in writes if write["value"]), None),
                        "writes": list(writes),
                    }
                    for (name, number), writes in sorted(self.stamps.items())
                ],
            }


def stored(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A value as it is kept: decimals as Autotask prints them, without idle zeros but with a point (240.0)."""
    if isinstance(value, Decimal):
        text = format(value.normalize(), "f")
        return Decimal(text if "." in text else f"{text}.0")
    return value


def as_text(record: Record) -> Record:
    """A record whose decimals are texts, so that no reader makes floats of them."""
    return {
        name: format(value, "f") if isinstance(value, Decimal) else value for name, value in record.items()
    }


def _record(kind: EntityType, document: object, where: str) -> Record:
    record = as_object(document, where)
    number = record.get("id")
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise BadDocumentError(f"{where}: each record needs an id of 0 or more")
    ready: Record = {}
    for name, value in record.items():
        if name == "userDefinedFields" and kind.has_udf:
            ready[name] = None if value is None else _udfs(value, f"{where} {number}: userDefinedFields")
            continue
        field = kind.by_name.get(name.lower())
        if field is None or field.name != name:
            raise BadDocumentError(f"{where} {number}: unknown field {name}")
        try:
            ready[name] = _value(field, value)
        except RefusalError as refusal:
            raise BadDocumentError(f"{where} {number}: {refusal.texts[0]}") from refusal
    return ready


def _value(field: Field, value: object) -> object:
    """A value as it is kept; an amount may also be given as a text, since many JSON writers make floats of numbers."""
    if field.type != "decimal" or value is None:
        check(field, value)
        return value
    try:
        number = Decimal(value) if isinstance(value, str) else value
    except InvalidOperation:
        number = value
    check(field, number)
    return stored(Decimal(number))  # type: ignore[arg-type]  # checked to be a number just above


def _udfs(value: object, where: str) -> list[dict[str, Any]]:
    udfs = [as_object(each, where) for each in as_list(value, where)]
    for udf in udfs:
        check_members(udf, where, required=("name", "value"))
        if udf["value"] is not None and not isinstance(udf["value"], str):
            raise BadDocumentError(f"{where}: a value is a text or null, whatever the field's type")
    return udfs


def _text(document: dict[str, Any], name: str) -> str:
    value = document[name]
    if not isinstance(value, str) or not value:
        raise BadDocumentError(f"tenant: {name}: a text is wanted")
    return value

"""The support bundle: everything about one document in one archive, fit to be given away."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from typing import Any

from sqlalchemy import Connection

from invoice_events.names import EVENT_TOPICS, Document
from invoice_events.plain import to_plain
from invoice_events.schemas import schema_of
from service_runtime.logs import secrets_of_this_process
from status_api.core.access import Role
from status_api.core.document_views import document_detail
from status_api.core.redaction import Redaction
from status_api.core.summaries import summary
from status_api.core.views import command_view, connection_view, log_view
from status_api.core.zipping import zipped
from status_api.queries import bundles, commands, documents, history, tenants
from status_api.queries.history import LogFilter
from status_api.queries.snapshots import snapshot
from status_api.server.openapi import VERSION
from status_api.server.operations import TENANT, Answer, Operation, Parameter, Request
from status_api.server.problems import forbidden, unknown_document
from status_api.server.resources.common import as_of, who
from status_api.server.resources.documents import RESOURCES, Resource
from status_api.server.streaming import Streamed, attachment
from status_api.stores.audit import write_audit

_MOST_EVENTS = 1000
_MOST_LINES = 10_000
_MOST_COMMANDS = 500
_DISTRIBUTION = "invoice-sync-status-api"
_SIDES = ("autotask", "xero")
_SCHEMA = {
    "description": "zip archive of JSON files: the document, its timeline with every event, logs, commands, the settings and the"
    " reference data it was mapped with, connections, versions; README.txt says what is what"
}
_DETAILED = Parameter(
    "detailed",
    "query",
    {"enum": ["true", "false"], "default": "false"},
    "Tell names, addresses and texts of the customer too; takes the role admin. Secrets are never told",
)

_README = """Support bundle of {document}, tenant {tenant}
made {made}, request {request_id}
everything that had happened by {as_of} is in it

document.json     the document as the API tells it
timeline.json     what happened to it, oldest first; "file" names the event
events/           each event as it was published
logs.json         its log lines, newest first
commands.json     what people asked for, and what became of it
settings.json     the versions of the tenant's settings that it was read and mapped with
reference.json    what is known of the Xero organisation now; versions_used says what the mapping used
connections.json  the connections to Autotask and Xero now
versions.json     releases and schemas
contents.json     how much of each there is, and whether something was left out

{privacy}
"""
_MASKED = """Names, addresses, mail addresses, phone and tax numbers are replaced: the same one always by the same label. What somebody wrote about
the customer (descriptions, comments) is told by its length. In sentences, such as the text of a fault, the names that stand in
the events are replaced too; a name that only a provider's own words hold may have stayed. Look before you give this away."""
_UNMASKED = """Names, addresses and texts of the customer are in it, because an admin asked for them. Secrets are not."""


@dataclass(slots=True)
class Bundle:
    """What is put together.

    Attributes:
        connection: sees one moment.
        tenant_id, document: whose it is.
        row: the document.
        redaction: what may be told.
        about: words of the README.
        versions_used: versions of settings and reference that events name.
        contents: how much of each there is.
    """

    connection: Connection
    tenant_id: str
    document: Document
    row: Any
    redaction: Redaction
    about: dict[str, str]
    versions_used: dict[str, set[int]] = field(
        default_factory=lambda: {"settings_version": set(), "reference_version": set()}
    )
    contents: dict[str, Any] = field(default_factory=dict)

    def learn(self) -> None:
        """Read everything once for the names in it: a sentence is told before the event that names somebody."""
        self.redaction.learn(document_detail(self.row))
        for event in self._events():
            self.redaction.learn(event["payload"])
            for name, seen in self.versions_used.items():
                if event["payload"].get(name) is not None:
                    seen.add(int(event["payload"][name]))
        for command in self._commands():
            self.redaction.learn(command)

    def members(self) -> Iterator[tuple[str, Iterable[bytes]]]:
        """Files of the archive, each made when its turn comes."""
        yield "README.txt", [_README.format(**self.about).encode()]
        yield "document.json", [_json(self.redaction.told(document_detail(self.row)))]
        timeline: list[dict[str, Any]] = []
        for number, event in enumerate(self._events(), 1):
            name = f"events/{number:04}-{event['topic']}.json"
            timeline.append(self._entry(event) | {"file": name})
            yield name, [_json(self.redaction.told(event["payload"]))]
        yield "timeline.json", [_json(timeline)]
        lines = self._logs()
        yield "logs.json", [_json(self.redaction.told([log_view(line) for line in lines]))]
        asked = self._commands()
        yield "commands.json", [_json(self.redaction.told(asked))]
        used = self.versions_used["settings_version"]
        versions = [
            to_plain(dict(row)) for row in bundles.settings_versions(self.connection, self.tenant_id, used)
        ]
        yield "settings.json", [_json(self.redaction.without_secrets(versions))]
        yield "reference.json", [_json(self._reference())]
        yield "connections.json", [_json(self.redaction.told(self._connections()))]
        yield "versions.json", [_json(self._versions())]
        self.contents |= {
            "events": len(timeline),
            "log_lines": len(lines),
            "commands": len(asked),
            "events_left_out": len(timeline) == _MOST_EVENTS,
            "log_lines_left_out": len(lines) == _MOST_LINES,
            "commands_left_out": len(asked) == _MOST_COMMANDS,
        }
        yield "contents.json", [_json(self.contents)]

    def _events(self) -> Iterator[Any]:
        return bundles.events(self.connection, self.tenant_id, self.document, _MOST_EVENTS)

    def _entry(self, event: Any) -> dict[str, Any]:  # noqa: ANN401  # a row of any columns
        entry = to_plain({name: value for name, value in event.items() if name != "payload"})
        told: dict[str, Any] = self.redaction.told(
            entry | {"summary": summary(event["topic"], event["payload"])}
        )
        return told

    def _logs(self) -> list[Any]:
        of_document = LogFilter(document=self.document)
        return history.logs(self.connection, self.tenant_id, of_document, None, _MOST_LINES)

    def _commands(self) -> list[dict[str, Any]]:
        about = commands.CommandFilter(document=self.document)
        rows = commands.commands(self.connection, self.tenant_id, about, None, _MOST_COMMANDS)
        return [
            command_view(row)
            | {
                "results": [
                    to_plain(dict(result))
                    for result in commands.results(self.connection, self.tenant_id, row["command_id"])
                ]
            }
            for row in rows
        ]

    def _reference(self) -> dict[str, Any]:
        newest = tenants.reference(self.connection, self.tenant_id)
        self.redaction.learn(newest)
        return {
            "versions_used": sorted(self.versions_used["reference_version"]),
            "newest": self.redaction.told(newest),
        }

    def _connections(self) -> list[dict[str, Any]]:
        known = tenants.connections(self.connection, self.tenant_id)
        return [connection_view(side, known.get(side)) for side in _SIDES]

    def _versions(self) -> dict[str, Any]:
        return {
            "api": VERSION,
            "status-api": version(_DISTRIBUTION),
            "python": platform.python_version(),
            **bundles.database_versions(self.connection),
            "schemas": {topic: schema_of(topic).header for topic in sorted(EVENT_TOPICS)},
        }


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def get_bundle(resource: Resource, request: Request) -> Answer:
    """Everything about one document."""
    tenant_id, document = resource.known(request)
    detailed = request.query["detailed"] == "true"
    held_role = request.actor.role_at(tenant_id)
    if detailed and (held_role is None or held_role < Role.ADMIN):
        raise forbidden(Role.ADMIN.word, "this tenant")
    now = request.api.now()
    with ExitStack() as held:
        held.callback(request.api.long_answers.take())
        with request.api.engine.begin() as writing:
            action = "detailed-bundle" if detailed else "bundle"
            write_audit(writing, who(request), now, action, tenant_id, str(document))
        connection = held.enter_context(snapshot(request.api.engine))
        row = documents.open_document(connection, tenant_id, document)
        if row is None:
            raise unknown_document(resource.kind, str(document.id))
        about = {
            "document": str(document),
            "tenant": tenant_id,
            "made": to_plain(now),
            "request_id": request.request_id,
            "as_of": as_of(connection) or "no time yet",
            "privacy": _UNMASKED if detailed else _MASKED,
        }
        redaction = Redaction(secrets_of_this_process.clean, detailed=detailed)
        bundle = Bundle(connection, tenant_id, document, row, redaction, about)
        bundle.learn()
        pieces = zipped(bundle.members())
        body = Streamed(pieces, held.pop_all().close, tenant=tenant_id, request_id=request.request_id)
        body.begin()
    name = f"{tenant_id}-{document.kind}-{document.id}-{now:%Y-%m-%dT%H%MZ}.zip"
    return Answer(body, headers=attachment(name))


OPERATIONS = tuple(
    Operation(
        "GET",
        f"/api/v1/tenants/{{tenant_id}}/{resource.plural}/{{{resource.path_part}}}/bundle",
        f"get{resource.schema}Bundle",
        f"Everything about one {resource.spoken} as a zip archive for support, without what tells who the customer is",
        {200: _SCHEMA},
        partial(get_bundle, resource),
        (404,),
        (TENANT, resource.identity, _DETAILED),
        needs=Role.OPERATOR,
        media="application/zip",
    )
    for resource in RESOURCES
)

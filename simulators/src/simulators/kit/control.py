"""The control routes that both simulators have. They are never recorded and count against no limit."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from simulators.kit import json_text
from simulators.kit.call import Answer
from simulators.kit.documents import BadDocumentError, UnknownTenantError, as_object, check_members
from simulators.kit.simulator import ControlRoute

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from simulators.kit.app import SimulatorApp


def _number(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise BadDocumentError(f"{where}: a number is wanted")
    return float(value)


class _Routes:
    """The common routes, bound to one application and one request."""

    def __init__(self, app: SimulatorApp, request: Request) -> None:
        self.app = app
        self.request = request

    def health(self, _groups: dict[str, str], _document: object) -> object:
        return {
            "status": "ok",
            "simulator": self.app.simulator.name,
            "tenants": self.app.simulator.tenants(),
            "now": self.app.clock.now().isoformat(),
        }

    def plant(self, _groups: dict[str, str], document: object) -> object:
        return {"id": self.app.faults.plant(document)}

    def list_faults(self, _groups: dict[str, str], _document: object) -> object:
        return {"faults": self.app.faults.listed()}

    def clear_faults(self, _groups: dict[str, str], _document: object) -> object:
        self.app.faults.clear()
        return {}

    def calls(self, _groups: dict[str, str], _document: object) -> object:
        text = self.request.args.get("since", "0")
        if not text.isdecimal():
            raise BadDocumentError("since: a whole number is wanted")
        return {"calls": self.app.calls.since(int(text))}

    def clear_calls(self, _groups: dict[str, str], _document: object) -> object:
        self.app.calls.clear()
        return {}

    def refuse(self, _groups: dict[str, str], document: object) -> object:
        members = as_object(document, "refuse")
        check_members(members, "refuse", required=("seconds",))
        seconds = _number(members["seconds"], "refuse.seconds")
        if self.app.refuse is None:
            raise NotImplementedError("only a listening server can refuse connections")
        self.app.refuse(seconds, self.request.environ.get("werkzeug.socket"))
        return {}

    def clock(self, _groups: dict[str, str], document: object) -> object:
        members = as_object(document, "clock")
        check_members(members, "clock", required=("offset_seconds",))
        self.app.clock.set_offset(_number(members["offset_seconds"], "clock.offset_seconds"))
        return {"now": self.app.clock.now().isoformat()}

    def load_tenant(self, _groups: dict[str, str], document: object) -> object:
        return {"tenant": self.app.simulator.load_tenant(document)}

    def books(self, groups: dict[str, str], _document: object) -> object:
        return self.app.simulator.books(groups["tenant"])

    def latency(self, _groups: dict[str, str], document: object) -> object:
        members: dict[str, Any] = as_object(document, "latency")
        check_members(members, "latency", required=("seconds",), optional=("tenant",))
        tenant = members.get("tenant")
        if tenant is not None and tenant not in self.app.simulator.tenants():
            raise UnknownTenantError(str(tenant))
        self.app.set_latency(tenant, _number(members["seconds"], "latency.seconds"))
        return {}

    def all(self) -> list[ControlRoute]:
        return [
            ControlRoute("GET", re.compile("health"), self.health),
            ControlRoute("POST", re.compile("faults"), self.plant),
            ControlRoute("GET", re.compile("faults"), self.list_faults),
            ControlRoute("DELETE", re.compile("faults"), self.clear_faults),
            ControlRoute("GET", re.compile("calls"), self.calls),
            ControlRoute("DELETE", re.compile("calls"), self.clear_calls),
            ControlRoute("POST", re.compile("refuse"), self.refuse),
            ControlRoute("POST", re.compile("clock"), self.clock),
            ControlRoute("POST", re.compile("tenants"), self.load_tenant),
            ControlRoute("GET", re.compile("books/(?P<tenant>[^/]+)"), self.books),
            ControlRoute("POST", re.compile("latency"), self.latency),
            *self.app.simulator.control_routes(),
        ]


def answer(app: SimulatorApp, request: Request) -> Answer:
    """Answers a control call: 200 with JSON, 400 for a bad document, 404 for an unknown route or tenant."""
    path = request.path.removeprefix("/_control/")
    body = request.get_data()
    for route in _Routes(app, request).all():
        groups = route.path.fullmatch(path)
        if route.method != request.method or groups is None:
            continue
        try:
            document = json_text.loads(body) if body else None
            return Answer.json(200, route.handler(groups.groupdict(), document))
        except BadDocumentError as error:
            return Answer.json(400, {"error": str(error)})
        except UnknownTenantError as error:
            return Answer.json(404, {"error": f"unknown: {error}"})
        except NotImplementedError as error:
            return Answer.json(501, {"error": str(error)})
        except ValueError as error:
            return Answer.json(400, {"error": f"the body is not JSON: {error}"})
    return Answer.json(404, {"error": f"no control route {request.method} {path}"})

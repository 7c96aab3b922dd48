"""The WSGI application around a simulator: recording, planted faults, latency, control routes."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from simulators.kit import control
from simulators.kit.call import Answer, Call, DisconnectError
from simulators.kit.faults import FaultPlan, garbage_answer, status_answer
from simulators.kit.record import CallLog, Started

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from simulators.kit.simulator import Simulator

_log = logging.getLogger("simulators")
CONTROL_PREFIX = "/_control/"


class SimulatorApp:
    """A simulator as a WSGI application.

    `keep` bounds the number of recorded calls. `refuse` is set by the server: it closes the listening socket for
    so many seconds; without a server (WSGI test client) the route answers 501.
    """

    def __init__(self, simulator: Simulator, *, keep: int | None = None) -> None:
        self.simulator = simulator
        self.clock = simulator.clock
        self.faults = FaultPlan(simulator.fault_kinds)
        self.calls = CallLog(keep)
        self.refuse: Callable[[float, object], None] | None = None
        self._stopping = threading.Event()
        self._latency: dict[str | None, float] = {}

    def stop(self) -> None:
        """Ends every hang and delay, so that the server can stop at once."""
        self._stopping.set()

    def set_latency(self, tenant: str | None, seconds: float) -> None:
        """Every call of the tenant (None: of every tenant without its own value) takes so long before its work."""
        self._latency = {**self._latency, tenant: seconds}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """WSGI entry.

        Raises:
            DisconnectError: a planted fault wants the connection closed without an answer.
        """
        request = Request(environ)
        if request.path.startswith(CONTROL_PREFIX):
            answer = control.answer(self, request)
        else:
            answer = self._serve(request)
        # Response refuses None as content type, so an answer that must carry none (Xero's 429) loses it afterwards.
        response = Response(
            answer.body, answer.status, list(answer.headers), content_type=answer.content_type
        )
        if answer.content_type is None:
            response.headers.pop("Content-Type", None)
        return response(environ, start_response)

    def _serve(self, request: Request) -> Answer:
        started = Started.now()
        call = Call(
            method=request.method,
            path=request.path,
            query=request.args,
            query_string=request.query_string.decode("latin-1"),
            headers=request.headers,
            body=request.get_data(cache=False),
            received=self.clock.now(),
        )
        status: int | None = 500
        try:
            answer = self._answer(call)
            status = answer.status
        except DisconnectError:
            status = None
            raise
        except Exception:  # noqa: BLE001 - a bug of the simulator must show as one: a loud 500 with its trace on stderr
            _log.exception("%s %s failed", call.method, call.path)
            answer = Answer.text(500, "The simulator itself failed; see its log.")
        finally:
            self.calls.add(call, started, status, body_is_secret=self.simulator.body_is_secret(call))
        return answer

    def _answer(self, call: Call) -> Answer:
        with self.simulator.admit(call) as refusal:
            if refusal is not None:
                return self.simulator.finish(call, refusal)
            call.fault = self.faults.claim(call)
            self._pause(self._latency.get(call.tenant, self._latency.get(None, 0.0)))
            answer = self._before(call)
            if answer is None:
                answer = self._after(call, self.simulator.work(call))
            return self.simulator.finish(call, answer)

    def _before(self, call: Call) -> Answer | None:
        fault = call.fault
        if fault is None or fault.when != "before":
            return None
        action = fault.action
        if action.kind == "status":
            answer = status_answer(action)
            self.simulator.settle(call, answer)
            return answer
        if action.kind == "garbage":
            return garbage_answer(action, None)
        self._disturb(call)
        return None

    def _after(self, call: Call, answer: Answer) -> Answer:
        fault = call.fault
        spoils = fault is not None and fault.when == "after"
        if fault is not None and spoils and fault.action.kind == "status":
            answer = status_answer(fault.action)
        self.simulator.settle(call, answer)
        if fault is not None and spoils and fault.action.kind == "garbage":
            return garbage_answer(fault.action, answer)
        if spoils:
            self._disturb(call)
        return answer

    def _disturb(self, call: Call) -> None:
        """Delay, hang and cut, which are the same before and after the work."""
        if call.fault is None:
            return
        action = call.fault.action
        if action.kind in ("delay", "hang"):
            self._pause(action.seconds)
        if action.kind in ("cut", "hang"):
            raise DisconnectError(f"planted fault {call.fault.id}")

    def _pause(self, seconds: float) -> None:
        if seconds > 0:
            self._stopping.wait(seconds)

"""What the providers do: answers that are lost, errors before and after the work, limits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from local_stack.control import SimulatorControl
from tests.faults.kinds import Fault, Stage, Step
from tests.faults.proxy import Mode
from tests.faults.rig import XERO_ANSWER_SECONDS, Rig
from tests.faults.waiting import awaited

_PLANTED_SECONDS = 20.0
_AFTER_OTHERS_SECONDS = 10.0
"""How long a call that is to be spoiled may come after the other faults of its round are over: they hold it up."""
_NEIGHBOURS_SECONDS = 45.0
_LONGEST_ROUND_SECONDS = 120.0
_LONG_ENOUGH_SECONDS = 1.0
"""How long Xero takes for an answer that has to be lost: time to make the link deaf, and less than a call's deadline."""
_ON_ITS_WAY_SECONDS = 0.5
"""How long an answer that is ready may take to the proxy."""
_CREATES = "/api.xro/2.0/(Invoices|CreditNotes|PurchaseOrders)"
_CALLS = {
    Stage.DISCOVER: {"path": "(?i).*/v1.0/(invoices|billingitems)/query"},
    Stage.CREATE: {"method": "PUT", "path": _CREATES},
    Stage.STAMP: {"method": "PATCH", "path": "(?i).*/invoices"},
}
_ANY_CALL = {"autotask": "(?i).*/v1.0/(?!thresholdinformation).*", "xero": "/api.xro/.*"}
_ERROR = {"autotask": 503, "xero": 500}


class ProviderFaults:
    """Lets the simulators spoil calls. Each returns how many calls it spoiled."""

    def __init__(self, rig: Rig, tenants: Sequence[str], neighbours_are_done: Callable[[str], bool]) -> None:
        """`neighbours_are_done`: whether every tenant but this one has got through what appeared."""
        self._rig = rig
        self.others_are_over = threading.Event()
        self._tenants = tenants
        self._neighbours_are_done = neighbours_are_done

    def spoil_calls(self, step: Step) -> int:
        """So many calls of one tenant in one step of the pipeline. What is not used up is forgotten after the round."""
        control = self._control(step)
        action, when = _action(step)
        match = {**_CALLS[step.stage], "tenant": self._tenant(step)}
        fault = control.plant(match, action, times=step.times, when=when)
        self._awaited(lambda: control.fired(fault) >= (step.times or 1))
        return control.fired(fault)

    def refuse_tenant(self, step: Step) -> int:
        """One tenant is refused until its neighbours have got everything through."""
        control, tenant = self._control(step), self._tenant(step)
        action, when = _action(step)
        match = {"path": _ANY_CALL[step.target], "tenant": tenant}
        fault = control.plant(match, action, times=None, when=when)
        awaited(lambda: control.fired(fault) > 0, _PLANTED_SECONDS)
        awaited(lambda: self._neighbours_are_done(tenant), _NEIGHBOURS_SECONDS)
        fired = control.fired(fault)
        control.clear_faults()
        return fired

    def replay_error(self, step: Step) -> int:
        """The error of a create is lost on its way; its repetition with the same key is answered with that error again."""
        control, tenant, proxy = self._control(step), self._tenant(step), self._rig.proxies[step.target]
        since = self._rig.suite.last_call(control)
        control.latency(tenant, _LONG_ENOUGH_SECONDS)
        action, _ = _action(step)
        match = {**_CALLS[step.stage], "tenant": tenant}
        fault = control.plant(match, action, times=1, when="after" if step.hard else "before")
        # A fault has fired when its call begins; its answer comes only after the latency, and then is lost, not another one's.
        if self._awaited(lambda: control.fired(fault) > 0, pause=0.05):
            proxy.set(Mode.DEAF)
            awaited(lambda: self._is_answered(control, since, fault), 2 * _LONG_ENOUGH_SECONDS, pause=0.05)
            lost = proxy.touched
            awaited(lambda: proxy.touched > lost, _ON_ITS_WAY_SECONDS, pause=0.05)
            proxy.set(Mode.OPEN)
        control.latency(tenant, XERO_ANSWER_SECONDS)

        def replayed() -> int:
            calls = control.calls(since)
            return sum(
                bool(call["replayed"]) and call["tenant"] == tenant and call["status"] == _ERROR["xero"]
                for call in calls
            )

        awaited(lambda: replayed() > 0, _PLANTED_SECONDS if control.fired(fault) else 0.0)
        return replayed()

    @staticmethod
    def _is_answered(control: SimulatorControl, since: int, fault: str) -> bool:
        return any(str(call["fault"]) == fault for call in control.calls(since))

    def _awaited(self, condition: Callable[[], bool], pause: float = 0.2) -> bool:
        """Whether a condition came true soon, or soon after the other faults of the round were over."""
        if awaited(lambda: condition() or self.others_are_over.is_set(), _LONGEST_ROUND_SECONDS, pause):
            return condition() or awaited(condition, _AFTER_OTHERS_SECONDS, pause)
        return False

    def _control(self, step: Step) -> SimulatorControl:
        return self._rig.suite.autotask if step.target == "autotask" else self._rig.suite.xero

    def _tenant(self, step: Step) -> str:
        return self._tenants[step.tenant or 0]


def _action(step: Step) -> tuple[dict[str, Any], str]:
    """What a simulator is to do with a call, and whether before or after its work."""
    if step.fault is Fault.LOST_ANSWER:
        return {"kind": "cut"}, "after"
    if step.fault in {Fault.ERROR_BEFORE, Fault.ERROR_AFTER, Fault.CACHED_ERROR}:
        when = "after" if step.fault is Fault.ERROR_AFTER else "before"
        return {"kind": "status", "status": _ERROR[step.target], "body": {"Message": "made up"}}, when
    problem = "day" if step.fault is Fault.DAY_LIMIT else "minute"
    headers = {"X-Rate-Limit-Problem": problem, "Retry-After": "2"}
    if step.fault is Fault.THROTTLED_BARE:
        headers = {"X-Rate-Limit-Problem": "concurrent"}
    return {"kind": "status", "status": 429, "headers": headers}, "before"

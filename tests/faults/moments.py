"""Whether a step of the pipeline is under way for what appeared last."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from tests.faults.kinds import Stage
from tests.faults.rig import Rig

_OK = 200
_BEING_WRITTEN = (
    "SELECT (SELECT count(*) FROM work) + (SELECT count(*) FROM intent WHERE state <> 'resolved')"
)
_TO_BE_STAMPED = "SELECT count(*) FROM ledger WHERE stamp_wanted"


class Moments:
    """Made before something appears."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._autotask = rig.suite.last_call(rig.suite.autotask)
        self._xero = rig.suite.last_call(rig.suite.xero)
        self._known = self._count("poller", "SELECT count(*) FROM ledger")

    def reached(self, stage: Stage) -> bool:
        """Whether something new is in this step now, or has just passed it."""
        suite = self._rig.suite
        if stage is Stage.DISCOVER:
            return any("/query" in call["path"].lower() for call in suite.autotask.calls(self._autotask))
        if stage is Stage.MAP:
            return self._count("poller", "SELECT count(*) FROM ledger") > self._known
        if stage is Stage.CREATE:
            return self._count("xero-writer", _BEING_WRITTEN) > 0 or self._created()
        if stage is Stage.STAMP:
            stamps = (call["method"] == "PATCH" for call in suite.autotask.calls(self._autotask))
            return self._count("poller", _TO_BE_STAMPED) > 0 or any(stamps)
        return self._created()

    def _created(self) -> bool:
        calls = self._rig.suite.xero.calls(self._xero)
        return any(call["status"] == _OK and call["method"] == "PUT" for call in calls)

    def _count(self, service: str, query: str) -> int:
        try:
            return int(self._rig.suite.rows(service, query)[0][0])
        except SQLAlchemyError:  # the database is being restarted by another fault of the round
            return 0

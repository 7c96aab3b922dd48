"""A simulator's control API: plant faults, read the record of calls, read the books."""

from typing import Any

import requests

_TIMEOUT_SECONDS = 60.0


class SimulatorControl:
    """Control calls of one simulator (Autotask or Xero)."""

    def __init__(self, url: str) -> None:
        """`url` is the simulator's root."""
        self._root = f"{url}/_control"

    def plant(
        self,
        match: dict[str, Any],
        action: dict[str, Any],
        *,
        times: int | None = 1,
        skip: int = 0,
        when: str = "before",
    ) -> str:
        """Plant a fault; returns its id. `times` None: until faults are cleared."""
        fault = {"match": match, "action": action, "times": times, "skip": skip, "when": when}
        return str(self._call("POST", "faults", fault)["id"])

    def fired(self, fault: str) -> int:
        """How often a planted fault has fired."""
        listed: list[dict[str, Any]] = self._call("GET", "faults")["faults"]
        return int(next(one["fired"] for one in listed if str(one["id"]) == fault))

    def clear_faults(self) -> None:
        """Forget every planted fault."""
        self._call("DELETE", "faults")

    def calls(self, since: int = 0) -> list[dict[str, Any]]:
        """Recorded calls, oldest first, after a sequence number."""
        found: list[dict[str, Any]] = self._call("GET", f"calls?since={since}")["calls"]
        return found

    def books(self, tenant: str) -> dict[str, Any]:
        """Everything the simulator holds for a tenant; amounts as texts."""
        found: dict[str, Any] = self._call("GET", f"books/{tenant}")
        return found

    def refuse(self, seconds: float) -> None:
        """Refuse connections for a while."""
        self._call("POST", "refuse", {"seconds": seconds})

    def latency(self, tenant: str | None, seconds: float) -> None:
        """Let every answer to a tenant (None: to all) take so long."""
        self._call("POST", "latency", {"tenant": tenant, "seconds": seconds})

    def post(self, path: str, body: Any) -> Any:  # noqa: ANN401  # any JSON
        """Any other control call, such as `tenants/acme/invoices/48213/clear-stamp`."""
        return self._call("POST", path, body)

    def _call(self, method: str, path: str, body: Any = None) -> Any:  # noqa: ANN401  # any JSON
        answer = requests.request(method, f"{self._root}/{path}", json=body, timeout=_TIMEOUT_SECONDS)
        answer.raise_for_status()
        return answer.json() if answer.content else None

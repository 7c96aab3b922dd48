"""People who sign in: one for each thing that a person may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import requests

from tests.browser.books import ACME

Role = Literal["admin", "tenant-admin", "operator", "viewer", "nobody"]
PASSWORD = "correct horse battery staple"
GRANTS: dict[Role, list[dict[str, str | None]]] = {
    "admin": [{"tenant_id": None, "role": "admin"}],
    "tenant-admin": [{"tenant_id": ACME, "role": "admin"}],
    "operator": [{"tenant_id": ACME, "role": "operator"}],
    "viewer": [{"tenant_id": ACME, "role": "viewer"}],
    "nobody": [],
}
_SECONDS = 30


@dataclass
class People:
    """Makes people through status-api, and signs them in through the dashboard."""

    api: str
    token: str
    dashboard: str
    _known: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, token: str | None = None) -> Any:  # noqa: ANN401  # JSON
        """A call of status-api as the first admin, or with another token; raises HTTPError if it is refused."""
        answer = requests.request(
            method,
            f"{self.api}/api/v1/{path}",
            json=body,
            headers={"Authorization": f"Bearer {token or self.token}"},
            timeout=_SECONDS,
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def join(self, email: str, grants: Sequence[Mapping[str, str | None]], name: str | None = None) -> str:
        """A new person with the usual password; their id."""
        body = {"email": email, "name": name or email.partition("@")[0].capitalize(), "grants": list(grants)}
        person = self.call("POST", "people", body)
        self.call(
            "POST",
            "invitations/accepted",
            {"invitation": person["invitation"]["token"], "password": PASSWORD},
        )
        return str(person["person_id"])

    def of_role(self, role: Role) -> str:
        """The e-mail address of the one who has this role, made when first asked for."""
        if role not in self._known:
            email = f"{role}@example.com"
            person = self.join(email, GRANTS[role] or GRANTS["viewer"])
            if not GRANTS[role]:  # nobody is invited without a role, but it may be taken away
                self.call("PUT", f"people/{person}/grants", {"grants": []})
            self._known[role] = email
        return self._known[role]

    def cookie(self, email: str) -> str:
        """A new session of somebody, as the dashboard's sign-in page gives it to a browser."""
        answer = requests.post(
            f"{self.dashboard}/sign-in",
            data={"email": email, "password": PASSWORD},
            headers={"Origin": self.dashboard},
            allow_redirects=False,
            timeout=_SECONDS,
        )
        assert answer.status_code == requests.codes.see_other, answer.text
        return str(answer.cookies["session"])

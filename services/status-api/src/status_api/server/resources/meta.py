"""The API about itself."""

from __future__ import annotations

from status_api.server.operations import Answer, Operation, Request, ref


def alive(request: Request) -> Answer:
    """Whether this process turns."""
    stalled = request.api.health.stalled()
    return Answer({"alive": not stalled, "stalled": stalled}, 503 if stalled else 200)


OPERATIONS = (
    Operation(
        "GET",
        "/healthz",
        "getHealth",
        "Whether this process is alive",
        {200: ref("Alive"), 503: ref("Alive")},
        alive,
        open=True,
    ),
)

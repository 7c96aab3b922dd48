"""The mutants: what each does otherwise, why somebody could write it that way, and the scenarios that catch it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.faults.mutants.builds import Replacement
from tests.faults.mutants.scenarios import (
    ANSWER_LOST,
    FOUND_WHILE_XERO_IS_AWAY,
    KILLED_BEFORE_FOLDING,
    KILLED_BEFORE_STORING,
    KILLED_IN_THE_CALL,
    OTHER_ORDER,
    Scenario,
)

_WRITER = "services/xero-writer/src/xero_writer"


@dataclass(frozen=True, slots=True, eq=False)
class Mutant:
    """A build that breaks one rule of the guarantees.

    Attributes:
        process: the only one that runs it.
        why: how one could come to write it so.
        caught_by: the checkers that have to find something, by the scenario in which they do.
    """

    name: str
    process: str
    why: str
    replacements: Sequence[Replacement]
    caught_by: Mapping[Scenario, Sequence[str]]


JOURNAL_OFF = Mutant(
    name="journal off",
    process="xero-writer",
    why=(
        "A queue that keeps what was not confirmed looks like enough: a request without an answer, whether its connection was"
        " cut or its process ended, lets its documents wait again, whatever the journal knows of it."
    ),
    replacements=(
        Replacement(
            f"{_WRITER}/worker/sending.py",
            '        cause: Cause = "cut" if answer.may_resend else "server_error"\n',
            "        _put_all_back(session, intent, answer.reason)\n"
            "        return\n"
            '        cause: Cause = "cut" if answer.may_resend else "server_error"\n',
        ),
        Replacement(
            f"{_WRITER}/worker/unknowns.py",
            '    words = "the process that sent it ended before the answer"\n',
            "    from xero_writer.worker.sending import _put_all_back\n\n"
            '    words = "the process that sent it ended before the answer"\n'
            "    return _put_all_back(session, intent, words)\n",
        ),
    ),
    caught_by={
        ANSWER_LOST: ("doubled document", "blind retry"),
        KILLED_IN_THE_CALL: ("doubled document", "blind retry"),
    },
)

INTENT_AFTER_THE_CALL = Mutant(
    name="intent after the call",
    process="xero-writer",
    why=(
        "One transaction around everything is easy to read and saves a commit: the intent is written first, but committed"
        " only when the call has been answered."
    ),
    replacements=(
        Replacement(
            f"{_WRITER}/worker/creates.py",
            '            publish_processing(session, tx.connection, intent, one, "writing")\n'
            "    return Committed(intent, since)\n",
            '            publish_processing(session, tx.connection, intent, one, "writing")\n'
            "        answer = session.client.write(intent.call, intent.idempotency_key, lambda: True)\n"
            "    from xero_writer.worker.sending import record_answer\n\n"
            "    record_answer(session, intent, answer)\n"
            "    return None\n",
        ),
    ),
    caught_by={KILLED_IN_THE_CALL: ("doubled document", "blind retry")},
)

STAMP_BEFORE_SUCCESS = Mutant(
    name="stamp before success",
    process="poller",
    why="Who stamps what is on its way never sees it again in the next cycle, which looks like a guard against doubles.",
    replacements=(
        Replacement(
            "services/poller/src/poller/adapters/ledger.py",
            "SELECT * FROM ledger WHERE tenant_id = :tenant AND stamp_wanted",
            "SELECT * FROM ledger WHERE tenant_id = :tenant AND (stamp_wanted OR state = 'in_flight')",
        ),
    ),
    caught_by={FOUND_WHILE_XERO_IS_AWAY: ("stamp before success",)},
)

ANSWERS_BY_POSITION = Mutant(
    name="position-matched answers",
    process="xero-writer",
    why="Xero has answered every batch that anybody has seen in the order of the request; nowhere does it promise to.",
    replacements=(
        Replacement(
            f"{_WRITER}/core/answers.py",
            "    chosen = [_element_of(kind, one, elements, alone=len(asked) == 1) for one in asked]\n",
            "    chosen = [*elements, *[None] * len(asked)][: len(asked)]\n",
        ),
    ),
    caught_by={OTHER_ORDER: ("doubled document", "strike for an outage")},
)

OFFSETS_BEFORE_ROWS = Mutant(
    name="offsets before rows",
    process="xero-writer",
    why="A batch whose offsets are committed at once is never read twice, not even after a rebalance.",
    replacements=(
        Replacement(
            "libs/runtime/src/service_runtime/intake.py",
            "        if not self._handle_until_done(batch):\n            return\n",
            "        self._offsets.handled({(one.topic, one.partition): one.offset + 1 for one in batch})\n"
            "        if not self._handle_until_done(batch):\n            return\n",
        ),
    ),
    caught_by={KILLED_BEFORE_STORING: ("lost invoice",)},
)

POSITIONS_BEFORE_ROWS = Mutant(
    name="offsets before rows of the read model",
    process="status-api-materialize",
    why="Short transactions hold locks for less time: the position in one, the rows in the next.",
    replacements=(
        Replacement(
            "services/status-api/src/status_api/materializer/handler.py",
            "            self._store(connection, folded.batch)\n"
            "            self._positions.advance(connection, next_offsets)\n",
            "            self._positions.advance(connection, next_offsets)\n"
            "        with self._engine.begin() as connection:\n"
            "            self._store(connection, folded.batch)\n",
        ),
    ),
    caught_by={KILLED_BEFORE_FOLDING: ("lost invoice",)},
)

MUTANTS = (
    JOURNAL_OFF,
    INTENT_AFTER_THE_CALL,
    STAMP_BEFORE_SUCCESS,
    ANSWERS_BY_POSITION,
    OFFSETS_BEFORE_ROWS,
    POSITIONS_BEFORE_ROWS,
)

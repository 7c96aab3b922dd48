"""Commands typed by hand: what fails outside is told in one line."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from confluent_kafka import KafkaError, KafkaException
from sqlalchemy.exc import OperationalError

from service_runtime.by_hand import with_one_line
from service_runtime.dead_letters import DeadLettersUnwritableError
from service_runtime.intake import TransientError


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            OperationalError("SELECT 'a customer'", {}, TimeoutError("secret")),
            "the database failed: TimeoutError",
        ),
        (
            KafkaException(KafkaError(KafkaError._ALL_BROKERS_DOWN, "all are down")),
            "Kafka failed: all are down",
        ),
        (TransientError("the database failed: OperationalError"), "the database failed: OperationalError"),
        (DeadLettersUnwritableError("not kept"), "not kept"),
    ],
)
def test_no_failure_of_database_or_broker_ends_in_a_traceback(
    error: Exception, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def command(arguments: Sequence[str]) -> int:
        assert arguments == ["--dry-run"]
        raise error

    assert with_one_line("poller", command)(["--dry-run"]) == 1
    assert capsys.readouterr().err == f"poller: {words}\n"


def test_the_exit_code_of_a_command_that_ends_by_itself_is_kept() -> None:
    assert [with_one_line("poller", lambda _, code=code: code)([]) for code in (0, 1)] == [0, 1]  # type: ignore[misc]  # mypy can not type a default in a lambda

"""Commands that a person types beside a running service: what fails outside ends them with one line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from confluent_kafka import KafkaException
from sqlalchemy.exc import SQLAlchemyError

from service_runtime.config import Environment, kafka_options
from service_runtime.dead_letters import DeadLettersUnwritableError
from service_runtime.intake import TransientError
from service_runtime.kafka import make_consumer
from service_runtime.leases import failure_name
from service_runtime.positions import GroupKeeper, positions_command
from service_runtime.replay import OpenHandler, replay_command

Command = Callable[[Sequence[str]], int]


def with_one_line(service: str, command: Command) -> Command:
    """The command, ended by one line on standard error and exit code 1 if database or broker fail."""

    def run(arguments: Sequence[str]) -> int:
        try:
            return command(arguments)
        except SQLAlchemyError as error:
            words = f"the database failed: {failure_name(error)}"
        except KafkaException as error:
            words = f"Kafka failed: {error.args[0].str()}"
        except (TransientError, DeadLettersUnwritableError) as error:
            words = str(error)
        sys.stderr.write(f"{service}: {words}\n")
        return 1

    return run


def replay_of(service: str, open_handler: OpenHandler) -> Command:
    """`<service> replay`."""
    return with_one_line(service, lambda arguments: replay_command(service, arguments, open_handler))


def positions_of_group(service: str, topics: Sequence[str]) -> Command:
    """`<service> positions` of a service that keeps them in Kafka, in the group of its own name."""

    def run(arguments: Sequence[str]) -> int:
        consumer = make_consumer(kafka_options(Environment()), service, f"{service}-positions")
        try:
            return positions_command(service, arguments, consumer, GroupKeeper(consumer), topics)
        finally:
            consumer.close()

    return with_one_line(service, run)

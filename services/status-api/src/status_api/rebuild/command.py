"""`status-api rebuild`: makes the read model again from Kafka beside the served one and lets it take its place."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial

from confluent_kafka import Consumer
from sqlalchemy import Connection, Engine, text

from invoice_events import names
from service_runtime.by_hand import with_one_line
from service_runtime.codecs import make_codec_unpublished
from service_runtime.config import Environment, kafka_options
from service_runtime.database import make_engine, require_current_schema
from service_runtime.heap import keep_heap_small
from service_runtime.kafka import make_consumer, make_producer, require_topics
from service_runtime.logs import configure_logs
from service_runtime.positions import Position, read_positions
from status_api.materializer.handler import Materializer
from status_api.materializer.keeping import TableKeeper
from status_api.materializer.positions import Positions, PositionWentBackError
from status_api.materializer.store import merge_rows
from status_api.names import APP_SCHEMA, FOLDED_TOPICS, NEXT_SEARCH_PATH, PACKAGE, SEARCH_PATH, SERVICE
from status_api.rebuild.following import AlreadyBuried, Follower, TopicChangedError
from status_api.rebuild.losses import first_record_at, lost, told
from status_api.rebuild.rebuilding import Rebuild, Report
from status_api.rebuild.shape import UncopyableError
from status_api.rebuild.swap import ShapeChangedError

_CLIENT = f"{SERVICE}-rebuild"
_LOCK = text("SELECT pg_try_advisory_lock(hashtextextended('status-api rebuild', 0))")
_READING = {
    "enable.partition.eof": "true",
    # What is fetched comes packed and is held unpacked, many times as large: of a long history there is always as much as is asked for.
    "queued.max.messages.kbytes": "2048",
    "fetch.message.max.bytes": "65536",  # of a partition; a larger record comes alone
    "fetch.max.bytes": "1000000",
}
_INTERRUPTED = 130
_ENDED = (UncopyableError, TopicChangedError, ShapeChangedError, PositionWentBackError)


class RefusedError(Exception):
    """A rebuild that is not begun."""


def rebuild(arguments: Sequence[str]) -> int:
    """`status-api rebuild`.

    Returns:
        The exit code: 0 when the new read model is served; 1 if it was refused or broke off, the old one goes on being served then.

    Raises:
        ConfigurationError: a variable is wrong, the database or the broker does not answer, a topic is missing, or the schema is older
            than this release.
    """
    return with_one_line(SERVICE, _rebuild)(arguments)


def _rebuild(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    env = Environment()
    configure_logs(SERVICE, env)
    keep_heap_small()
    try:
        with ExitStack() as stack:
            _run(stack, env, accept_loss=options.accept_loss, restart=options.restart)
    except RefusedError as refusal:
        sys.stderr.write(f"{SERVICE}: {refusal}\n")
        return 1
    except ShapeChangedError:
        sys.stderr.write(f"{SERVICE}: a migration ran meanwhile; type the command again, it begins anew\n")
        return 1
    except _ENDED as error:
        sys.stderr.write(f"{SERVICE}: {error}; the old read model goes on being served\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write(f"{SERVICE}: interrupted; type the command again to go on\n")
        return _INTERRUPTED
    return 0


def _run(stack: ExitStack, env: Environment, *, accept_loss: bool, restart: bool) -> None:
    url, kafka = env.database_url(), kafka_options(env)
    engine = stack.enter_context(_engine(url, SEARCH_PATH))
    require_current_schema(PACKAGE, engine, url, APP_SCHEMA)
    require_topics(kafka, [*FOLDED_TOPICS, names.SCHEMAS])
    holder = stack.enter_context(engine.connect())
    _hold(holder)
    consumer = make_consumer(kafka | _READING, _CLIENT, _CLIENT)
    stack.callback(consumer.close)
    found = read_positions(consumer, TableKeeper(engine), FOLDED_TOPICS)
    _refuse_losses(consumer, found, accept_loss=accept_loss)

    next_engine = stack.enter_context(_engine(url, NEXT_SEARCH_PATH))
    positions, unfoldable, report = Positions(next_engine), AlreadyBuried(), Report(_say)
    codec, _ = make_codec_unpublished(env, kafka, make_producer(kafka, _CLIENT))  # nothing is written here
    materializer = Materializer(next_engine, codec, positions, unfoldable, merge_rows)
    follower = Follower(consumer, next_engine, positions, materializer.handle)
    work = Rebuild(holder, next_engine, follower, found, report)
    if work.prepare(restart=restart):
        _say("going on where an earlier rebuild was ended")
    work.fill()
    work.swap()
    _say(f"{report.folded:,} records folded; the new read model is served")
    if unfoldable.count:
        _say(f"{unfoldable.count:,} records can not be folded: they are among the dead letters")


def _hold(holder: Connection) -> None:
    """Keep every other rebuild out until this connection ends."""
    with holder.begin():
        if not holder.execute(_LOCK).scalar():
            raise RefusedError("another rebuild is running")


def _refuse_losses(consumer: Consumer, found: Sequence[Position], *, accept_loss: bool) -> None:
    missing = lost(found)
    first_at = partial(first_record_at, consumer)
    for position in missing:
        _say(told(position, first_at))
    if missing and not accept_loss:
        raise RefusedError(
            "what is missing from these topics would be missing from the new read model;"
            " --accept-loss makes it all the same, from what is left"
        )


@contextmanager
def _engine(url: str, search_path: str) -> Iterator[Engine]:
    engine = make_engine(url, search_path, pool_size=1)
    try:
        yield engine
    finally:
        engine.dispose()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"{SERVICE} rebuild",
        description="Make the read model again from Kafka, beside the served one, and let it take its place. Everything goes on meanwhile.",
    )
    parser.add_argument(
        "--accept-loss",
        action="store_true",
        help="go on although a topic no longer holds all that it ever held: what is missing there will be missing here",
    )
    parser.add_argument(
        "--restart",
        action="store_true",
        help="begin anew instead of going on where an earlier rebuild was ended (after a new release, say)",
    )
    return parser

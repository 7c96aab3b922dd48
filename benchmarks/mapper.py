"""Throughput of one mapper process beside a bare loop that decodes, encodes and produces the same bytes, on a real broker.

Both run as one process each, in turns over the same records, several rounds. A rate is that of the fastest 1,000 records
in a row, by the timestamps of what was produced, the best of all rounds: starting up counts for neither side, and
whatever else the machine does only ever takes time away. Once with the default options and once with every option on.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.bare_loop import BATCH, OPTIONS_TENANT, TENANT, TOPIC
from benchmarks.events import Feed, discovered, reference, settings_event
from benchmarks.figures import Benchmark, Bound, Line, Measured, Session
from benchmarks.memory import note_peak
from benchmarks.topic_ends import Ends, await_growth, ends, timestamps
from invoice_events import names
from local_stack.backends import broker
from local_stack.errors import StackError
from local_stack.folders import make_folder, remove_folder
from local_stack.process import ChildProcess, ProcessSpec, start_process
from local_stack.topics import create_topics

_ROOT = Path(__file__).resolve().parent.parent  # where `benchmarks` is a package
_EVENTS = 4_000  # of a round
_ROUNDS = 5
_STRETCH = 2 * BATCH  # whole batches, their acknowledgement and commit included
_PATIENCE_SECONDS = 120.0
_BOUND = Bound(">=", 0.5)
_LINES = {
    TENANT: (
        Line("mapper throughput, share of a bare loop", "ratio", _BOUND),
        Line("mapper throughput, one process, 5-line invoices", "invoices/s"),
    ),
    OPTIONS_TENANT: (
        Line("mapper throughput with every option on, share of a bare loop", "ratio", _BOUND),
        Line("mapper throughput with every option on", "invoices/s"),
    ),
}
"""Share and rate by tenant."""


def rate(times: Sequence[int], stretch: int) -> float:
    """Records a second in the fastest stretch of so many, from their times in milliseconds, in order."""
    spans = (last - first for first, last in zip(times, times[stretch:], strict=False))
    return stretch / max(1, min(spans)) * 1000


def _measure(session: Session) -> Sequence[Measured]:
    events = session.scaled(_EVENTS, at_least=2 * _STRETCH)
    rounds: dict[str, list[tuple[float, float]]] = {tenant: [] for tenant in _LINES}
    folder = make_folder("invoice-sync-bench")
    kafka = broker()
    try:
        kafka.start()
        create_topics(kafka.bootstrap)
        feed = Feed(kafka.bootstrap)
        for tenant in _LINES:
            feed.send(names.SETTINGS, [settings_event(tenant, options=tenant == OPTIONS_TENANT)])
            feed.send(names.REFERENCE, [reference(tenant)])
        for place in range(_ROUNDS):
            for tenant, measured in rounds.items():
                starts = {
                    topic: ends(kafka.bootstrap, topic) for topic in (names.DISCOVERED, names.MAPPED, TOPIC)
                }
                feed.send(
                    names.DISCOVERED, [discovered(1 + place * events + one, tenant) for one in range(events)]
                )
                bare = _bare(kafka.bootstrap, folder, starts, events, tenant)
                own = _mapper(session, kafka.bootstrap, folder, starts, events)
                measured.append((own, bare))
                session.say(
                    f"mapper: {tenant}: round {place + 1} of {_ROUNDS}: {own:.0f}/s, bare loop {bare:.0f}/s"
                )
    finally:
        kafka.stop()
        remove_folder(folder)
    return [line for tenant, measured in rounds.items() for line in _result(tenant, measured, events)]


def _result(tenant: str, rounds: Sequence[tuple[float, float]], events: int) -> list[Measured]:
    """Share and rate of the best of all rounds."""
    ratios = ", ".join(f"{own / bare:.2f}" for own, bare in rounds)
    own, bare = (max(side) for side in zip(*rounds, strict=True))
    share, rate_ = _LINES[tenant]
    note = f"fastest {_STRETCH} in a row, best of {_ROUNDS} rounds of {events}, in turns; round by round {ratios}"
    return [Measured(share, own / bare, note), Measured(rate_, own, f"likewise; bare loop {bare:,.0f}/s")]


def _bare(bootstrap: str, folder: Path, starts: dict[str, Ends], events: int, tenant: str) -> float:
    begin = json.dumps(starts[names.DISCOVERED])
    arguments = ["-m", "benchmarks.bare_loop", bootstrap, begin, str(events), tenant]
    with _process("bare-loop", arguments, folder, {}) as process:
        if not process.wait(_PATIENCE_SECONDS) or process.exit_code != 0:
            raise StackError(f"the bare loop did not end well; {process.tail()}")
    return _rate(bootstrap, TOPIC, starts[TOPIC], events)


def _mapper(session: Session, bootstrap: str, folder: Path, starts: dict[str, Ends], events: int) -> float:
    environment = {"KAFKA_BOOTSTRAP_SERVERS": bootstrap, "METRICS_PORT": "0", "SCHEMA_REGISTRY_URL": ""}
    with _process("mapper", ["-m", "mapper", "run"], folder, environment) as process:
        await_growth(bootstrap, names.MAPPED, starts[names.MAPPED], events, _PATIENCE_SECONDS)
        process.require_alive()
        note_peak(session, "mapper", "mapper", process.pid)
    return _rate(bootstrap, names.MAPPED, starts[names.MAPPED], events)


def _rate(bootstrap: str, topic: str, starts: Ends, events: int) -> float:
    return rate(timestamps(bootstrap, topic, starts, events), _STRETCH)


@contextmanager
def _process(
    name: str, arguments: Sequence[str], folder: Path, environment: dict[str, str]
) -> Iterator[ChildProcess]:
    """A process of this environment's Python; ended afterwards, whatever happens."""
    process = start_process(
        ProcessSpec(
            name=name,
            command=[sys.executable, *arguments],
            log=folder / f"{name}.log",
            folder=_ROOT,
            environment=environment,
        )
    )
    try:
        yield process
    finally:
        process.stop()


MAPPER = Benchmark(
    name="mapper", lines=tuple(line for lines in _LINES.values() for line in lines), measure=_measure
)

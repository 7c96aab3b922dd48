"""The loop that no mapper can be faster than: decode, encode, produce, wait once a batch. A process of its own, as the mapper is.

    python -m benchmarks.bare_loop BOOTSTRAP OFFSETS EVENTS TENANT

OFFSETS: JSON, where to begin by partition. TENANT: `bench`, or `bench-options`, of which every option is on. It reads `invoice.discovered` and writes what the mapper would write, the
same bytes for each but for key and headers, to `invoice.skipped`, which the mapper does not use for these invoices.
"""

from __future__ import annotations

import json
import sys
from typing import Any, cast

from benchmarks.events import CODEC, discovered, mapped
from benchmarks.topic_ends import good, reading
from invoice_events import names
from invoice_events.identity import event_headers, event_key
from service_runtime.kafka import make_producer

TENANT, OPTIONS_TENANT = "bench", "bench-options"
TOPIC = names.SKIPPED
BATCH = 500  # as the services' own
_FLUSH_SECONDS = 60.0


def loop(bootstrap: str, starts: dict[int, int], events: int, tenant: str) -> None:
    """Handle so many events."""
    made = mapped(1, tenant, discovered(1, tenant)["company"]["name"], options=tenant == OPTIONS_TENANT)
    producer = make_producer({"bootstrap.servers": bootstrap}, "bare-loop")
    consumer = reading(bootstrap, names.DISCOVERED, starts)
    seen = 0
    while seen < events:
        for message in good(consumer.consume(BATCH, 0.1)):
            event = CODEC.decode(names.DISCOVERED, message.value())
            trace = cast("bytes", dict(message.headers() or [])["traceparent"]).decode()
            headers: Any = event_headers(names.MAPPED, event, trace)
            key = event_key(names.MAPPED, event).encode()
            producer.produce(TOPIC, CODEC.encode(names.MAPPED, made), key, headers=headers)
            producer.poll(0)
            seen += 1
        producer.flush(_FLUSH_SECONDS)
    consumer.close()


if __name__ == "__main__":
    bootstrap_servers, offsets, count, tenant_id = sys.argv[1:]
    starts = {int(key): value for key, value in json.loads(offsets).items()}
    loop(bootstrap_servers, starts, int(count), tenant_id)

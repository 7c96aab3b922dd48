from __future__ import annotations

from collections.abc import Iterator

import pytest

from invoice_events.codec import Codec, NoForeignSchemas, SingleObjectFraming
from poller.bootstrap import SCHEMA
from service_runtime.database import make_engine, migrate
from simulators.autotask.simulator import AutotaskSimulator
from simulators.kit.app import SimulatorApp
from simulators.kit.server import start
from tests.integration.poller.rig import Rig, StubTenants, tenant_document


@pytest.fixture
def rig(database_url: str) -> Iterator[Rig]:
    url = database_url.replace("postgresql://", "postgresql+psycopg2://")
    migrate("poller", url, SCHEMA)
    engine = make_engine(url, SCHEMA, pool_size=3)
    simulator = AutotaskSimulator()
    simulator.load_tenant(tenant_document())
    server = start(SimulatorApp(simulator))
    made = Rig(engine, server, simulator, Codec(SingleObjectFraming(), NoForeignSchemas()), StubTenants())
    made.take_over()
    yield made
    server.stop()
    engine.dispose()

"""How old an answer is stands in the answer, also while nothing is folded because Kafka is away."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.integration.status_api.conftest import Client, ReadModel

pytestmark = pytest.mark.stack


@pytest.mark.parametrize(
    "path", ["/tenants/acme/overview", "/tenants/acme/invoices", "/tenants/acme/connections"]
)
def test_no_answer_without_kafka_hides_its_age(client: Client, read_model: ReadModel, path: str) -> None:
    """Nothing of this application has ever reached a broker."""
    assert client.get(path).json["as_of"] is None, "nothing was folded yet"
    with read_model.engine.begin() as connection:
        connection.execute(text("INSERT INTO progress (as_of) VALUES ('2026-05-20 11:00+00')"))
    answer = client.get(path)
    assert (answer.status_code, answer.json["as_of"]) == (200, "2026-05-20T11:00:00Z")

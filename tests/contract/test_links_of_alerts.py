"""An alert's link has to be a page of the dashboard: the two services agree on nothing but this address."""

from __future__ import annotations

from urllib.parse import urlsplit

from dashboard.core.addresses import read_address
from status_api.core.alert_texts import compose
from tests.unit.status_api.test_alerts import waiting

DASHBOARD = "https://sync.example.com"


def test_no_alert_leads_to_a_page_that_is_not_there() -> None:
    message = compose([waiting()], "Acme", DASHBOARD, detailed=False)
    link = next(line for line in message.body.splitlines() if DASHBOARD in line).removeprefix("See ")
    address = read_address(urlsplit(link).path, urlsplit(link).query)
    assert (address.page, address.tenant) == ("product", "acme")

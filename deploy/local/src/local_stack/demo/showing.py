"""What status-api shows compared with what had to happen."""

from collections.abc import Iterator, Mapping
from typing import Any

from local_stack.demo.judging import Json

_WANTED = {"synced": "Complete", "fault": "Fault", "skipped": "Skipped"}


def status_problems(
    tenant: str, fates: Mapping[str, Json], shown: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    """Sentences about every document that is not shown as what it became, cause included.

    Args:
        tenant: for the sentences.
        fates: what had to become of each document, by name.
        shown: what status-api shows, by name.
    """
    for name, fate in fates.items():
        told = f"{tenant}: {name.replace('/', ' ')}"
        item = shown.get(name)
        if fate["outcome"] == "not_discovered":
            if item is not None:
                yield f"{told} is shown though it must not be discovered ({fate['cause']})"
            continue
        wanted = _WANTED[fate["outcome"]]
        if item is None:
            yield f"{told} is not shown, wanted {wanted}"
        elif item["status"] != wanted:
            yield f"{told} is shown as {item['status']}, wanted {wanted}"
        elif fate["outcome"] != "synced" and (item["cause"] or {}).get("code") != fate["cause"]:
            yield f"{told} is shown with the cause {item['cause']}, wanted {fate['cause']}"
    for name in shown.keys() - fates.keys():
        yield f"{tenant}: {name.replace('/', ' ')} is shown and nobody knows it"

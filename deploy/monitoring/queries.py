"""What a PromQL query names: its series, with the labels it asks of each, and the labels it groups by. Checked against the list.

Not a parser of PromQL (promtool is one, and is asked too): names and labels are all that has to be found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from deploy.monitoring.metric_list import SERVICE, SERVICES, TARGET_LABELS, by_prometheus, metric_list
from deploy.monitoring.recording import recorded_series
from invoice_events.catalogue import catalogue

_RANGE = re.compile(r"\[[^\]]*\]")
_SELECTOR = re.compile(r"(?P<name>[a-zA-Z_:][\w:]*)?\s*{(?P<inside>[^}]*)}")
_MATCHER = re.compile(r'(?P<label>\w+)\s*(?:=~|!~|!=|=)\s*"(?P<value>(?:[^"\\]|\\.)*)"')
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_OFFSET = re.compile(r"\boffset\s+\w+")
_WORD = re.compile(r"(?<![\w.:$])[a-zA-Z_:][\w:]*(?![\w:]*\s*\()")
_KEYWORDS = frozenset({"and", "or", "unless", "bool", "by", "without", "on", "ignoring"})


@dataclass(frozen=True, slots=True)
class Selector:
    """A series that a query names, with its matchers."""

    name: str
    matchers: tuple[tuple[str, str], ...]


def selectors(query: str) -> list[Selector]:
    """The series that a query names."""
    return list(_selectors(query))


def _selectors(query: str) -> Iterator[Selector]:
    plain = _OFFSET.sub("", _RANGE.sub("", query))
    for found in _SELECTOR.finditer(plain):
        yield Selector(
            found["name"] or "",
            tuple((each["label"], each["value"]) for each in _MATCHER.finditer(found["inside"])),
        )
    bare = _STRING.sub("", _GROUPING.sub("", _SELECTOR.sub("", plain)))
    for word in _WORD.findall(bare):
        if word not in _KEYWORDS:
            yield Selector(word, ())


def grouped_by(query: str) -> set[str]:
    """The labels that a query groups or joins by."""
    return {
        label.strip() for inside in _GROUPING.findall(query) for label in inside.split(",") if label.strip()
    }


def known_series() -> Mapping[str, frozenset[str]]:
    """Everything a query may name, with its labels."""
    scraped = {
        name: labels | TARGET_LABELS
        for metric in metric_list().values()
        for name, labels in metric.series().items()
    }
    own = {name: labels | TARGET_LABELS for name, labels in by_prometheus().items()}
    return {**scraped, **own, **recorded_series()}


def findings(query: str) -> list[str]:
    """What a query names that does not exist."""
    known, named = known_series(), selectors(query)
    said = [finding for selector in named for finding in _of_selector(selector, known)]
    there = frozenset().union(*(known.get(selector.name, frozenset()) for selector in named))
    said += [f"no series of the query has the label {label}" for label in sorted(grouped_by(query) - there)]
    if not named:
        said.append("the query names no series")
    return said


def _of_selector(selector: Selector, known: Mapping[str, frozenset[str]]) -> Iterator[str]:
    if selector.name not in known:
        yield f"{selector.name or 'a selector without a name'} is in no list of metrics"
        return
    for label, value in selector.matchers:
        if label not in known[selector.name]:
            yield f"{selector.name} has no label {label}"
        elif label == "le" and value not in _bounds(selector.name):
            yield f"{selector.name} has no bucket {value}"
        yield from (f"there is no {label} {each}" for each in value.split("|") if not _can_be(label, each))


def _can_be(label: str, value: str) -> bool:
    """Whether a label whose values are listed somewhere can have this one. Grafana's variables can be anything."""
    listed = {SERVICE: SERVICES, "code": catalogue()}.get(label)
    return listed is None or value.startswith("$") or value in listed


def _bounds(series: str) -> tuple[str, ...]:
    return metric_list()[series.removesuffix("_bucket")].buckets

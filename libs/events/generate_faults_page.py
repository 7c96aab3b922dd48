"""Writes `docs/faults.md` from the fault catalogue, which stays the only source of its words."""

# ruff: noqa: INP001 - a script beside the package, not part of it

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from invoice_events.catalogue import CatalogueEntry, catalogue

TARGET = Path(__file__).parents[2] / "docs" / "faults.md"

_SIDES = {"autotask": "Autotask", "xero": "Xero", "us": "this suite and its settings"}


_INTRO = """# Faults

What can go wrong with a document or a connection: the words for it, whose side it is on, what to do. Every fault in events, metrics and over HTTP carries one of these codes, and the provider's own words beside it.

Made from `libs/events/src/invoice_events/fault_catalogue.json` by `make generate`: do not edit."""

_WORDS = """## Which fault is it?

Texts in curly brackets stand for a name, a code or an amount. Case, quotation marks and a final full stop do not matter. Some words have several causes: then all of them are named, and the document or the connection shows the right one."""

_OUTAGES = """## Outages

About a connection, not about a document. Documents wait as Pending Sync with this reason, no strike is counted, one alert goes out, and the queue drains in order afterwards. A connection that is down or throttled is tried again by itself. One that is refused is not, since repeated failures lock accounts: it is tried once after the credentials changed, or when somebody asks for a connection test."""

_FAULTS = """## Faults of a document

A fault that counts is a strike: the document is read again from Autotask and tried again in the next cycle, and after the third strike in a row it stays at Fault until somebody resyncs it. All documents with one cause can be resynced at once. A success sets the count back."""

_NO_FAULTS = """## Known from elsewhere, no fault here

| what users of such products see | here |
|---|---|
| Contacts in Xero keep changing | The contact of an invoice is chosen by the same rule every time, whatever the order in which Autotask lists contacts; a person can be fixed with `accounts_contact_udf`, a Xero contact with `contact_links`. |
| Cents differ by rounding | Totals are predicted before the write and compared after it: a difference is `AMOUNTS_DO_NOT_MATCH` or `XERO_AMOUNTS_DIFFER`, never a document with other amounts. |
| An invoice was slow at Xero and came twice | The outcome of a slow request is looked up before anything is sent again; meanwhile the document is Processing Now. |
| An outage of minutes makes invoices end at Fault | Outages cost no strike. |
| Passwords with `<`, `%` or `&` are not accepted | Every character is. |"""


def render(entries: Mapping[str, CatalogueEntry]) -> str:
    """The whole page for a catalogue."""
    outages = [entry for entry in entries.values() if entry.connection is not None]
    faults = [entry for entry in entries.values() if entry.connection is None]
    blocks = [_INTRO, _WORDS, _index(entries), _OUTAGES]
    blocks += [_block(entry) for entry in outages]
    blocks.append(_FAULTS)
    blocks += [_block(entry) for entry in faults]
    blocks.append(_NO_FAULTS)
    return "\n\n".join(blocks) + "\n"


def _index(entries: Mapping[str, CatalogueEntry]) -> str:
    """Every text that users know, with the codes behind it."""
    codes: dict[str, list[str]] = {}
    for entry in entries.values():
        for words in (entry.text, *entry.aliases):
            codes.setdefault(words, []).append(entry.code)
    rows = [
        f"| {_cell(words)} | {', '.join(f'[{code}](#{code.lower()})' for code in found)} |"
        for words, found in sorted(codes.items(), key=lambda item: item[0].casefold())
    ]
    return "\n".join(["| words | fault |", "|---|---|", *rows])


def _block(entry: CatalogueEntry) -> str:
    return "\n\n".join([f"### {entry.code}", f"“{entry.text}”", entry.remedy, "\n".join(_facts(entry))])


def _facts(entry: CatalogueEntry) -> Iterator[str]:
    if entry.aliases:
        yield f"- Also: {'; '.join(f'“{alias}”' for alias in entry.aliases)}"
    yield f"- Side: {_side(entry)}"
    if entry.connection is not None:
        yield f"- The connection shows: {entry.connection}"
    yield f"- Heals by itself: {'yes' if entry.heals_by_itself else 'no'}"
    yield f"- Strike: {_strike(entry)}"
    if entry.found_by:
        yield f"- Found by: {entry.found_by}" + ("; also shown by answers" if entry.match else "")


def _side(entry: CatalogueEntry) -> str:
    return "Autotask or Xero, as named with it" if entry.either_side else _SIDES[entry.side]


def _strike(entry: CatalogueEntry) -> str:
    if entry.final:
        return "it ends the tries at once"
    return "yes" if entry.strike else "no"


def _cell(words: str) -> str:
    return words.replace("|", "\\|")


if __name__ == "__main__":
    TARGET.write_text(render(catalogue()), "utf-8")

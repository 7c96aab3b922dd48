"""Parts of a page: what looks the same is not drawn anew."""

from __future__ import annotations

from dash import html, no_update

from dashboard.components.parts import Drawn, changed, digest, digests


def shown(words: str) -> Drawn:
    return [html.B(words, className="big")]


def test_what_looks_the_same_has_the_same_digest() -> None:
    assert digest(shown("130")) == digest(shown("130"))
    assert digest(shown("130")) != digest(shown("131"))
    assert digest(html.B("130")) != digest(html.I("130"))


def test_only_what_differs_is_drawn_anew() -> None:
    before = digests({"volume": shown("130"), "faults": shown("7")})
    now = {"volume": shown("131"), "faults": shown("7"), "totals": shown("1")}
    drawn = changed(now, before)
    assert drawn[0] is now["volume"]
    assert drawn[1] is no_update
    assert drawn[2] is now["totals"]

"""How alike two names are, and which of many are like one: near matches that a person may want to link."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

NEAR = 0.8
"""From this score on two names may mean the same company."""

_SPELLING = 0.99  # of names that differ only in spelling: 1 is for equal letters alone
_JOINED = frozenset(".'`\u00b4\u2018\u2019")  # dropped without a gap: A.B.C. is ABC, O'Neil is ONeil
_FORMS = {
    "limited": "ltd",
    "proprietary": "pty",
    "incorporated": "inc",
    "corporation": "corp",
    "company": "co",
    "and": "&",
}


def spelling(name: str) -> str:
    """The name without what is easily overlooked.

    Case, accents, invisible characters, punctuation, repeated spaces and the long forms of "Ltd" and its like are gone.
    A name that is nothing but punctuation stays as it is.
    """
    kept: list[str] = []
    for character in unicodedata.normalize("NFKD", name):
        category = unicodedata.category(character)
        if character in _JOINED or category in {"Mn", "Cf"}:
            continue
        kept.append(character if character == "&" or category[0] in "LNM" else " ")
    words = "".join(kept).casefold().replace("&", " & ").split()
    return " ".join(_FORMS.get(word, word) for word in words) or name.casefold()


def likeness(name: str, other: str) -> float:
    """From 0 to 1: 1 for equal letters, 0.99 for another spelling, else the share of letters that they have in common."""
    if name == other:
        return 1.0
    return _score(spelling(name), spelling(other), SequenceMatcher(autojunk=False))


def _score(wanted: str, other: str, matcher: SequenceMatcher[str]) -> float:
    """Likeness of two spellings. 0.0 if it is below NEAR: such a pair is of no interest, and most pairs are."""
    if wanted == other:
        return _SPELLING
    if 2 * min(len(wanted), len(other)) < NEAR * (len(wanted) + len(other)):
        return 0.0
    matcher.set_seqs(other, wanted)
    if matcher.real_quick_ratio() < NEAR or matcher.quick_ratio() < NEAR:
        return 0.0
    score = matcher.ratio()
    return min(score, _SPELLING) if score >= NEAR else 0.0


class LikeNames:
    """Many names, of which those like a given one are found without comparing it with each.

    Names with a likeness of NEAR or more, lengths n and m, share at least 0.2 (n + m) - 1 pairs of neighbouring letters:
    0.4 (n + m) letters match, in at most 0.2 (n + m) + 1 pieces, each of which has one pair less than letters.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._spellings = [spelling(name) for name in names]
        self._by_pair: dict[tuple[str, int], list[int]] = {}
        for place, one in enumerate(self._spellings):
            for pair in _pairs(one):
                self._by_pair.setdefault(pair, []).append(place)
        self._short = [place for place, one in enumerate(self._spellings) if len(one) <= _PAIRLESS]

    def like(self, name: str) -> list[tuple[float, int]]:
        """Score and place of every name with a likeness of NEAR or more, in no order."""
        wanted = spelling(name)
        shared: Counter[int] = Counter()
        for pair in _pairs(wanted):
            shared.update(self._by_pair.get(pair, ()))
        if len(wanted) <= _PAIRLESS:
            shared.update(self._short)
        matcher = SequenceMatcher(autojunk=False)
        found = []
        for place, pairs in shared.items():
            other = self._spellings[place]
            if pairs < 0.2 * (len(wanted) + len(other)) - 1:
                continue
            score = 1.0 if self._names[place] == name else _score(wanted, other, matcher)
            if score:
                found.append((score, place))
        return found


_PAIRLESS = 5  # letters of both together: up to so many, alike names need not share a pair


def _pairs(word: str) -> Iterator[tuple[str, int]]:
    """Neighbouring letters, told apart by how often they came before: two lists share as many as both have."""
    seen: Counter[str] = Counter()
    for start in range(len(word) - 1):
        pair = word[start : start + 2]
        seen[pair] += 1
        yield pair, seen[pair]

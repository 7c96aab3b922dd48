"""How alike two names are, and which of many are like one: near matches that a person may want to link."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

NEAR = 0.8
"""From this score on two names may mean the same company."""

_SPELLING = 0.99  # of names that differ only in spelling: 1 is for equal letters alone
_SAME_WORDS = 0.9  # at least, of names with the same words but for the legal form, in whatever order
_JOINED = frozenset(".'`\u00b4\u2018\u2019")  # dropped without a gap: A.B.C. is ABC, O'Neil is ONeil
_FORMS = {
    "limited": "ltd",
    "proprietary": "pty",
    "incorporated": "inc",
    "corporation": "corp",
    "company": "co",
    "and": "&",
}
_LEGAL_FORMS = frozenset(
    {
        "ltd",
        "pty",
        "inc",
        "corp",
        "co",
        "llc",
        "llp",
        "lp",
        "plc",
        "pllc",
        "pc",
        "ulc",
        "gmbh",
        "ag",
        "kg",
        "ug",
    }
    | {"sa", "sas", "sarl", "srl", "spa", "nv", "bv", "ab", "as", "oy", "aps"}
)


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


def core_words(spelled: str) -> tuple[str, ...]:
    """The words of a spelling without legal forms and "&", in alphabetical order; all its words if nothing else is left."""
    words = sorted(spelled.split())
    return tuple(word for word in words if word != "&" and word not in _LEGAL_FORMS) or tuple(words)


def _score(wanted: str, other: str, matcher: SequenceMatcher[str]) -> float:
    """Likeness of two spellings by their letters. 0.0 if it is below NEAR: such a pair is of no interest, and most pairs are."""
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

    Names with a likeness of NEAR or more by their letters, lengths n and m, share at least 0.2 (n + m) - 1 pairs of
    neighbouring letters: 0.4 (n + m) letters match, in at most 0.2 (n + m) + 1 pieces, each of which has one pair less than
    letters. Names with the same core words are looked up by these.

    The likeness is 1 for equal letters, 0.99 for another spelling, else the share of letters that two names have in common,
    but at least 0.9 if only legal form or order of words differ: "Acme" and "Acme Ltd", "Smith John" and "John Smith".
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names: list[str] = []
        self._spellings: list[str] = []
        self._by_pair: dict[tuple[str, int], list[int]] = {}
        self._by_core: dict[tuple[str, ...], list[int]] = {}
        self._short: list[int] = []
        for name in names:
            self.add(name)

    def __len__(self) -> int:
        return len(self._names)

    def add(self, name: str) -> None:
        """Take one more name in; its place is the next number. Not while another thread looks for a name."""
        place, spelled = len(self._names), spelling(name)
        self._names.append(name)
        self._spellings.append(spelled)
        for pair in _pairs(spelled):
            self._by_pair.setdefault(pair, []).append(place)
        self._by_core.setdefault(core_words(spelled), []).append(place)
        if len(spelled) <= _PAIRLESS:
            self._short.append(place)

    def like(self, name: str) -> list[tuple[float, int]]:
        """Score and place of every name with a likeness of NEAR or more, in no order."""
        wanted = spelling(name)
        shared: Counter[int] = Counter()
        for pair in _pairs(wanted):
            shared.update(self._by_pair.get(pair, ()))
        if len(wanted) <= _PAIRLESS:
            shared.update(self._short)
        found = dict.fromkeys(self._by_core.get(core_words(wanted), ()), _SAME_WORDS)
        matcher = SequenceMatcher(autojunk=False)
        fewest = len(wanted) / 3 - 1.001  # alike names are at least two thirds as long: n + m >= 5 n / 3
        for place, pairs in [one for one in shared.items() if one[1] >= fewest]:
            other = self._spellings[place]
            if pairs < 0.2 * (len(wanted) + len(other)) - 1:
                continue
            score = 1.0 if self._names[place] == name else _score(wanted, other, matcher)
            if score:
                found[place] = max(score, found.get(place, 0.0))
        return [(score, place) for place, score in found.items()]


_PAIRLESS = 5  # letters of both together: up to so many, alike names need not share a pair


def _pairs(word: str) -> Iterator[tuple[str, int]]:
    """Neighbouring letters, told apart by how often they came before: two lists share as many as both have."""
    seen: Counter[str] = Counter()
    for start in range(len(word) - 1):
        pair = word[start : start + 2]
        seen[pair] += 1
        yield pair, seen[pair]

"""Near matches of a growing list of contacts: what was compared once is not compared again when others are put in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from xero_writer.core.name_likeness import LikeNames

_REMEMBERED = 5_000  # names for which a layer remembers what is like them


class _Layer:
    """Some contacts with the names that they had when they were put in. What it finds for a name never changes."""

    def __init__(self, entries: Sequence[tuple[str, str]]) -> None:
        self.entries = entries
        self._found: dict[str, list[tuple[float, str, str]]] = {}

    @cached_property
    def _names(self) -> LikeNames:
        return LikeNames(name for _, name in self.entries)

    def like(self, name: str) -> list[tuple[float, str, str]]:
        """Score, id and name of every contact with a name like this one."""
        found = self._found.get(name)
        if found is None:
            found = [(score, *self.entries[place]) for score, place in self._names.like(name)]
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            self._found[name] = found
        return found


class NearContacts:
    """One state of the names of contacts, in layers: the oldest and largest first, what was put in since above it.

    Never changes; `with_changed` makes the next state, which shares all layers but the topmost.
    """

    def __init__(self, layers: tuple[_Layer, ...] = ()) -> None:
        self._layers = layers

    def with_changed(self, changed: Mapping[str, str], names: Mapping[str, str]) -> NearContacts:
        """The state after contacts came or were renamed.

        Args:
            changed: names by id of those that are new or have another name now.
            names: names by id of all contacts, the changed ones included.
        """
        if not changed:
            return self
        layers, top = list(self._layers), list(changed.items())
        while layers and len(layers[-1].entries) <= 2 * len(
            top
        ):  # few layers, and the large ones are seldom made anew
            below = layers.pop().entries
            top = [
                *(one for one in below if one[0] not in changed and names.get(one[0]) == one[1]),
                *top,
            ]
        return NearContacts((*layers, _Layer(top)))

    def like(self, name: str, names: Mapping[str, str]) -> dict[str, float]:
        """Score by id of every contact that has a name like this one. `names`: as in `with_changed`."""
        return {
            contact_id: score
            for layer in self._layers
            for score, contact_id, found in layer.like(name)
            if names.get(contact_id) == found
        }

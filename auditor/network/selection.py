"""Which pods a selector selects, for all of them at once, as bits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from auditor.selectors import Labels, Selector

NAME_LABEL = "kubernetes.io/metadata.name"
"""The API server sets it on every namespace, and nobody can change it."""


class Labelled:
    """Labelled things by their position; sets of them are the bits of an int."""

    def __init__(self, things: Sequence[Labels]) -> None:
        """Index them once."""
        self.all = (1 << len(things)) - 1
        self._values: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for place, labels in enumerate(things):
            for key, value in labels.items():
                self._values[key][value] |= 1 << place
        self._keys = {key: union(values.values()) for key, values in self._values.items()}
        self._known: dict[Selector, int] = {}

    def selected(self, selector: Selector) -> int:
        """Return which of them a selector selects."""
        if selector not in self._known:
            self._known[selector] = self._selected(selector)
        return self._known[selector]

    def _selected(self, selector: Selector) -> int:
        if selector.invalid:
            return 0
        found = self.all
        for key, value in selector.labels:
            found &= self._values.get(key, {}).get(value, 0)
        for key, operator, values in selector.expressions:
            having = self._keys.get(key, 0)
            named = union(self._values.get(key, {}).get(value, 0) for value in values)
            match operator:
                case "In":
                    found &= named
                case "NotIn":  # those without the label, too
                    found &= ~named
                case "Exists":
                    found &= having
                case _:
                    found &= ~having
        return found


class Namespaces:
    """Namespaces of which some may not have been read."""

    def __init__(self, names: Iterable[str], known: Mapping[str, Labels]) -> None:
        """`names` are those in which there are pods; `known` has the labels of those that were read."""
        self._labels = {name: known.get(name) for name in names}
        self._selected: dict[Selector, tuple[frozenset[str], frozenset[str]]] = {}

    def selected(self, selector: Selector) -> tuple[frozenset[str], frozenset[str]]:
        """Return which namespaces are selected, and of which it cannot be told."""
        if selector not in self._selected:
            sure, unsure = set(), set()
            for name, labels in self._labels.items():
                answer = _selects(selector, name, labels)
                if answer is None:
                    unsure.add(name)
                elif answer:
                    sure.add(name)
            self._selected[selector] = frozenset(sure), frozenset(unsure)
        return self._selected[selector]


def _selects(selector: Selector, name: str, labels: Labels | None) -> bool | None:
    own = {NAME_LABEL: name}
    if labels is not None:
        return selector.selects({**labels, **own})
    about_name = Selector(
        tuple(one for one in selector.labels if one[0] == NAME_LABEL),
        tuple(one for one in selector.expressions if one[0] == NAME_LABEL),
        selector.invalid,
    )
    if not about_name.selects(own):
        return False
    return True if about_name == selector else None


def union(sets: Iterable[int]) -> int:
    """Return what is in any of the sets."""
    found = 0
    for one in sets:
        found |= one
    return found


def members(bits: int) -> list[int]:
    """Return the positions in a set, in order."""
    found = []
    while bits:
        low = bits & -bits
        found.append(low.bit_length() - 1)
        bits ^= low
    return found

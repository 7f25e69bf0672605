"""The lines of an object in its file, kept beside it."""

from __future__ import annotations

import re

from auditor.document.pointer import split

_INDEX = re.compile("[0-9]{1,9}")


class LineTree:
    """The lines of one value and of all that is in it: `Lines` of auditor/model.py.

    A member of a mapping stands on the line of its key. Scalars are plain numbers here, so that
    the tree is about as large as the object.
    """

    __slots__ = ("first", "members")

    def __init__(self, first: int, members: dict[str, Place] | list[Place]) -> None:
        """Take the first line, counted from 1, and the places of the members."""
        self.first = first
        self.members = members

    def line(self, pointer: str) -> int:
        """Return the line of a JSON pointer or of its nearest existing parent."""
        place = self._find(pointer)
        return place if isinstance(place, int) else place.first

    def item(self, index: int) -> LineTree:
        """Return the tree of one entry of the list `items`."""
        place = self._find(f"/items/{index}")
        return LineTree(place, {}) if isinstance(place, int) else place

    def _find(self, pointer: str) -> Place:
        here: Place = self
        for token in split(pointer):
            if isinstance(here, int):
                break
            members = here.members
            if isinstance(members, dict):
                found = members.get(token)
            else:
                # Pointers come from policies; int() of thousands of digits raises.
                index = int(token) if _INDEX.fullmatch(token) else len(members)
                found = members[index] if index < len(members) else None
            if found is None:
                break
            here = found
        return here


Place = LineTree | int
"""A container's tree, or the line of a scalar."""

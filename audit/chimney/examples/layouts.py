"""Replays on structures: what shares storage, and which members there are."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from typing import Any

TYPES = {"UCHAR": ctypes.c_uint8, "ULONG": ctypes.c_uint32, "pointer": ctypes.c_uint64}


def shared(given: Mapping[str, Any]) -> dict[str, str]:
    """Members written in order and read back, kept apart and kept in one place.

    ``members``: name, type and value of each, in the order of writing; little-endian, x64.
    """
    fields = [(m["name"], TYPES[m["type"]]) for m in given["members"]]
    computed: dict[str, str] = {}
    for how, base in (("apart", ctypes.LittleEndianStructure), ("shared", ctypes.LittleEndianUnion)):
        record = type("Record", (base,), {"_fields_": fields})()
        for member in given["members"]:
            setattr(record, member["name"], member["value"] % 2 ** (8 * ctypes.sizeof(TYPES[member["type"]])))
        for member in given["members"]:
            value = getattr(record, member["name"])
            text = f"{value:#x}" if member["type"] == "pointer" else str(value)
            computed[f"{member['name']}, {how}"] = text
    return computed


def members(given: Mapping[str, Any]) -> dict[str, str]:
    """A structure by its reference page: ``name``, ``members`` in order, ``arrays`` with their sizes.

    ``runs`` are pairs of numbers: the members from the one to the other are wanted, from 1.
    """
    names = given["members"]
    computed = {"name": given["name"], "has PortNumber": "yes" if "PortNumber" in names else "no"}
    for first, last in given["runs"]:
        computed[f"members {first} to {last}"] = ", ".join(names[first - 1 : last])
    return computed | {f"size of {name}": str(size) for name, size in given.get("arrays", {}).items()}

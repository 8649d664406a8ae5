# SPDX-License-Identifier: Apache-2.0
"""How systemd spells any text as part of a unit's name; its own `systemd-escape` is on the managed host alone."""

from __future__ import annotations

import string

_PLAIN = frozenset((string.ascii_letters + string.digits + ":_.").encode())


def instance_name(text: str) -> str:
    r"""The text between the `@` and the suffix of a unit's name, escaped as systemd.unit(5) has it.

    In the unit, `%I` is the text again and `%i` what this returns. A hyphen stands for a slash there, so that `br-pm`
    has to become `br\x2dpm`; a device's unit has the same spelling in its name.
    """
    escaped = (_spelled(byte, first=not place) for place, byte in enumerate(text.encode()))
    return "".join(escaped)


def _spelled(byte: int, first: bool) -> str:
    if byte == ord("/"):
        return "-"
    if byte in _PLAIN and not (first and byte == ord(".")):
        return chr(byte)
    return f"\\x{byte:02x}"

# SPDX-License-Identifier: Apache-2.0
"""The handle of a domain, a UUID that the hypervisor keeps: here it says which name and which template are the domain's.

So all domains of a host are known from the hypervisor's list alone. To ask XenStore for the name of each is slow: every
request makes oxenstored look at the rings of all domains, which for a thousand of them is a million looks.

It is of version 8, whose bits are free (RFC 9562, section 5.8): 60 of a hash of the name, and 62 of the template's digest.
libxl and libvirt give handles of version 4.
"""

from __future__ import annotations

import hashlib

_PART = 16
"""Hexadecimal digits of either half."""
_VERSION = 12
"""The digit that has the version."""


def handle(name: str, digest: str) -> str:
    """The handle of a domain, 32 hexadecimal digits."""
    return name_part(name) + digest


def name_part(name: str) -> str:
    """What a handle has of a name."""
    digits = hashlib.sha256(name.encode()).hexdigest()
    return f"{digits[:_VERSION]}8{digits[_VERSION : _PART - 1]}"


def digest_part(content: str) -> str:
    """What a handle has of whatever a domain is made of."""
    digits = hashlib.sha256(content.encode()).hexdigest()
    variant = 0b1000 | int(digits[0], 16) & 0b0011
    return f"{variant:x}{digits[1:_PART]}"


def parts(text: str) -> tuple[str, str] | None:
    """The two halves; None for a handle of another version, which is not ours."""
    return (text[:_PART], text[_PART:]) if text[_VERSION : _VERSION + 1] == "8" else None

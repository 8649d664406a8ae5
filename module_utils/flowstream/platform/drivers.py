# SPDX-License-Identifier: Apache-2.0
"""The drivers of module hosts, and the kinds of processing modules that each can run."""

from __future__ import annotations

PM_KINDS = ("process", "clickos", "linux_guest")
"""What a processing module can be: a `click` process, a ClickOS domain, a Linux domain that runs Click."""

DRIVER_KINDS: dict[str, tuple[str, ...]] = {"process": ("process",), "xen": ("clickos", "linux_guest")}
"""The kinds that each driver can run; the first is what it runs unless told."""

ONE_INTERFACE = ("process",)
"""The kinds whose modules have one interface; a domain has as many as it is given."""

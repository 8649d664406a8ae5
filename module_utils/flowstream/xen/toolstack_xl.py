# SPDX-License-Identifier: Apache-2.0
"""Domains by the program xl, which keeps no definitions: those are files of ours below /etc/xen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.world.files import remove_file, replace_file
from ansible.module_utils.flowstream.world.run import Run, checked
from ansible.module_utils.flowstream.xen.domain import Domain
from ansible.module_utils.flowstream.xen.error_causes import explained
from ansible.module_utils.flowstream.xen.toolstack import KnownDomain
from ansible.module_utils.flowstream.xen.xl_text import parse_running, parse_states, parse_xl_config, xl_config

DEFINITIONS = Path("/etc/xen/flowstream")
AUTO = Path("/etc/xen/auto")
"""Where the service xendomains looks for what to start when dom0 boots."""


class XlToolstack:
    """xl on this host; `definitions` and `auto` are the folders of the files and of the links to them."""

    name = "xl"

    def __init__(self, run: Run, definitions: Path = DEFINITIONS, auto: Path = AUTO) -> None:
        self._run, self._definitions, self._auto = run, definitions, auto

    def domains(self, names: Sequence[str] | None = None) -> Mapping[str, KnownDomain]:
        """The domains by name, dom0 left out: the named ones as far as there are such, None for all."""
        states = parse_states(checked(self._run, ["xl", "list"], "list the domains"))
        running = parse_running(checked(self._run, ["xl", "list", "-l"], "read the domains")) if states else {}
        files = {path.stem: path for path in self._definitions.glob("*.cfg")}
        known = {}
        for name in sorted({*states, *files}):
            if names is None or name in names:
                number, state = states.get(name, (0, "stopped"))
                known[name] = KnownDomain(
                    name=name,
                    defined=parse_xl_config(files[name].read_text(), str(files[name])) if name in files else None,
                    running=running.get(name),
                    state=state,
                    number=number,
                    autostart=self._link(name).is_symlink(),
                )
        return known

    def define(self, domain: Domain) -> None:
        """Write its definition, new or in the place of an older one; a running domain goes on as it is."""
        replace_file(self._file(domain.name), xl_config(domain))

    def start(self, name: str, paused: bool) -> None:
        """Start a defined domain, or have it wait before its first instruction."""
        self._xl("start", name, "create", "-q", *(["-p"] if paused else []), str(self._file(name)))

    def pause(self, name: str) -> None:
        """Let it have no processor."""
        self._xl("pause", name, "pause", name)

    def resume(self, name: str) -> None:
        """Let a paused domain go on."""
        self._xl("resume", name, "unpause", name)

    def destroy(self, name: str) -> None:
        """End it at once."""
        self._xl("stop", name, "destroy", name)

    def undefine(self, name: str) -> None:
        """Forget the definition of a domain that does not run."""
        self._link(name).unlink(missing_ok=True)
        remove_file(self._file(name), folders=1)

    def autostart(self, name: str, enabled: bool) -> None:
        """Have it started, or not, whenever dom0 boots."""
        link = self._link(name)
        if not enabled:
            link.unlink(missing_ok=True)
        elif not link.is_symlink():
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(self._file(name))

    def _file(self, name: str) -> Path:
        return self._definitions / f"{name}.cfg"

    def _link(self, name: str) -> Path:
        return self._auto / f"{name}.cfg"

    def _xl(self, verb: str, name: str, *arguments: str) -> None:
        try:
            checked(self._run, ["xl", *arguments], f"{verb} domain {name}")
        except FlowstreamError as error:
            raise explained(error, error.details.get("stderr")) from error

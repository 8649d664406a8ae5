# SPDX-License-Identifier: Apache-2.0
"""A lab on this machine: look at it, say what has to change, change it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.lab.actions import Change
from ansible.module_utils.flowstream.lab.apply import apply, await_machines
from ansible.module_utils.flowstream.lab.cgroup import Cgroups
from ansible.module_utils.flowstream.lab.observe import observe, require_tools
from ansible.module_utils.flowstream.lab.steps import changes_to_build, changes_to_remove
from ansible.module_utils.flowstream.lab.topology import Topology
from ansible.module_utils.flowstream.world.run import Run


class Lab:
    """The lab `topology`, on the machine that this code runs on."""

    def __init__(self, topology: Topology, run: Run) -> None:
        if os.geteuid() != 0:
            raise FlowstreamError("cannot run a lab: not root; it makes network namespaces and mounts")
        require_tools(run, any(machine.xen for machine in topology.machines))
        self._topology = topology
        self._run = run
        self._cgroups = Cgroups()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait for other runs that change a lab on this machine, and keep them waiting meanwhile.

        The lock is on a directory that is always there, so that a removed lab leaves no lock behind; the kernel
        gives it back when its holder dies.
        """
        directory = os.open(Path("/run"), os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(directory, fcntl.LOCK_EX)
            yield
        finally:
            os.close(directory)

    def changes(self) -> list[Change]:
        """What has to be done so that the lab is what was declared."""
        if self._topology.image is None and not all(machine.xen for machine in self._topology.machines):
            raise FlowstreamError("image: is missing; name the root file system of the containers, see lab_image")
        return changes_to_build(self._topology, observe(self._topology, self._run, self._cgroups))

    def build(self, changes: Sequence[Change]) -> None:
        """Do it."""
        apply(changes, self._run, self._cgroups)

    def wait(self, seconds: float) -> None:
        """Wait until every machine that is to run can be reached."""
        await_machines((machine for machine in self._topology.machines if machine.power), self._cgroups, seconds)

    def removal(self) -> list[Change]:
        """What has to be done so that nothing of the lab is left; declare nothing, or running machines are waited for."""
        have = observe(self._topology, self._run, self._cgroups)
        return changes_to_remove(self._topology.prefix, self._topology.directory, have)

    def remove(self, changes: Sequence[Change]) -> None:
        """Do it; what is left nevertheless is an error."""
        apply(changes, self._run, self._cgroups)
        if changes and (remains := observe(self._topology, self._run, self._cgroups).remains()):
            raise FlowstreamError(f"cannot remove lab {self._topology.prefix}: still there: {', '.join(remains)}")

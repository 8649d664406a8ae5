# SPDX-License-Identifier: Apache-2.0
"""Choose and open the toolstack of this host."""

from __future__ import annotations

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.world.run import NotInstalledError, Run
from ansible.module_utils.flowstream.xen.toolstack import Toolstack


def open_toolstack(choice: str, uri: str, run: Run) -> Toolstack:
    """The toolstack of this host; `auto` is libvirt where its Python module is installed, else xl."""
    if choice in ("auto", "libvirt"):
        try:
            # Only where it is used: xl needs neither libvirt's module nor lxml.
            from ansible.module_utils.flowstream.xen.toolstack_libvirt import LibvirtToolstack
        except ModuleNotFoundError as error:
            if choice == "libvirt":
                raise NotInstalledError(
                    f"cannot use libvirt: Python has no {error.name}; install python3-{error.name}"
                ) from None
        else:
            return LibvirtToolstack.connect(uri)
    from ansible.module_utils.flowstream.xen.toolstack_xl import XlToolstack

    if run(["xl", "info"]).rc != 0:
        raise FlowstreamError("cannot use xl: this machine does not run Xen, or Xen's services are not up")
    return XlToolstack(run)

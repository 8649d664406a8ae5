# SPDX-License-Identifier: Apache-2.0
"""The three ways to a switch that the modules offer, behind one Run and one Switch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.openflow.observe import Switch
from ansible.module_utils.flowstream.world.run import Run, local_run
from ansible.module_utils.flowstream.world.ssh import SshTarget, ssh_run

SWITCH_ARGUMENTS: dict[str, Any] = {
    "connection": {"type": "str", "choices": ["local", "openflow", "ssh"], "default": "local"},
    "bridge": {"type": "str"},
    "address": {"type": "str"},
    "openflow_version": {
        "type": "str",
        "choices": ["OpenFlow13", "OpenFlow14", "OpenFlow15"],
        "default": "OpenFlow13",
    },
    "timeout": {"type": "int", "default": 30},
    "tls_private_key": {"type": "path"},
    "tls_certificate": {"type": "path"},
    "tls_ca_certificate": {"type": "path"},
    "ssh_host": {"type": "str"},
    "ssh_port": {"type": "int", "default": 22},
    "ssh_user": {"type": "str", "default": "root"},
    "ssh_key_file": {"type": "path"},
    "ssh_password": {"type": "str", "no_log": True},
    "ssh_known_hosts": {"type": "path"},
    "ssh_host_key_policy": {"type": "str", "choices": ["strict", "accept_new"], "default": "strict"},
}
"""The arguments of a module that speaks to a switch; the fragment switch_connection documents them."""
SWITCH_REQUIRED_IF: list[tuple[str, str, list[str]]] = [
    ("connection", "local", ["bridge"]),
    ("connection", "openflow", ["address"]),
    ("connection", "ssh", ["bridge", "ssh_host"]),
]
# ovs-ofctl gives up by itself after `timeout`; the process gets this much longer to say so.
_GRACE_SECONDS = 5


@contextmanager
def switch_connection(params: Mapping[str, Any]) -> Iterator[tuple[Run, Switch]]:
    """How to run ovs-ofctl and what to tell it, from a module's parameters (SWITCH_ARGUMENTS)."""
    if params["timeout"] < 1:
        raise FlowstreamError(f"timeout is {params['timeout']}; write at least 1 second")
    switch = Switch(
        target=params["address"] if params["connection"] == "openflow" else params["bridge"],
        version=params["openflow_version"],
        timeout=params["timeout"],
        private_key=params["tls_private_key"],
        certificate=params["tls_certificate"],
        ca_certificate=params["tls_ca_certificate"],
    )
    deadline = params["timeout"] + _GRACE_SECONDS
    if params["connection"] != "ssh":
        yield local_run(deadline), switch
        return
    target = SshTarget(
        host=params["ssh_host"],
        port=params["ssh_port"],
        user=params["ssh_user"],
        password=params["ssh_password"],
        key_file=params["ssh_key_file"],
        known_hosts=params["ssh_known_hosts"],
        accept_new=params["ssh_host_key_policy"] == "accept_new",
    )
    with ssh_run(target, deadline) as run:
        yield run, switch

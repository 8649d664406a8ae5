# SPDX-License-Identifier: Apache-2.0
"""Options of the modules that speak to an OpenFlow switch: SWITCH_ARGUMENTS of openflow/connection."""

from __future__ import annotations


class ModuleDocFragment:
    """What Ansible looks for in this file."""

    DOCUMENTATION = r"""
options:
  connection:
    description:
      - How to reach the switch.
      - V(local) runs C(ovs-ofctl) on the managed host, for a bridge of that host.
      - V(openflow) runs C(ovs-ofctl) where the task runs and speaks OpenFlow to O(address).
      - V(ssh) runs the switch's own C(ovs-ofctl) over SSH from where the task runs, for appliances without Python;
        delegate the task to the control node, which needs the Python module paramiko.
    type: str
    choices: [local, openflow, ssh]
    default: local
  bridge:
    description: Name of the bridge. Needed for O(connection=local) and O(connection=ssh).
    type: str
  address:
    description:
      - The switch's OpenFlow address, V(tcp:HOST:PORT) or V(ssl:HOST:PORT). Needed for O(connection=openflow).
    type: str
  openflow_version:
    description: The OpenFlow version to speak. The switch must allow it.
    type: str
    choices: [OpenFlow13, OpenFlow14, OpenFlow15]
    default: OpenFlow13
  timeout:
    description: Seconds until a switch that does not answer is an error, for each request.
    type: int
    default: 30
  tls_private_key:
    description: File with the private key for an C(ssl:) address, on the machine where C(ovs-ofctl) runs.
    type: path
  tls_certificate:
    description: File with the certificate for an C(ssl:) address.
    type: path
  tls_ca_certificate:
    description: File with the certificate of the authority that signed the switch's.
    type: path
  ssh_host:
    description: Name or address of the appliance. Needed for O(connection=ssh).
    type: str
  ssh_port:
    description: TCP port of its SSH server.
    type: int
    default: 22
  ssh_user:
    description: User to log in as.
    type: str
    default: root
  ssh_key_file:
    description: Private key to log in with. Without it and O(ssh_password), the agent and the user's own keys are tried.
    type: path
  ssh_password:
    description: Password to log in with, for appliances that take no keys.
    type: str
  ssh_known_hosts:
    description: File with the host keys to trust, in OpenSSH's format. Without it the user's own file is read.
    type: path
  ssh_host_key_policy:
    description:
      - What to do with an appliance that no file of host keys knows. V(strict) refuses it; V(accept_new) trusts it and
        records its key in O(ssh_known_hosts). Another key than the recorded one is always refused.
    type: str
    choices: [strict, accept_new]
    default: strict
requirements:
  - ovs-ofctl (Open vSwitch 2.8 or later) where the chosen connection runs it
"""

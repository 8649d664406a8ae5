# SPDX-License-Identifier: Apache-2.0
"""Options of the modules that speak to a running Click: CLICK_ARGUMENTS and CLICKOS_ARGUMENTS of control/connection."""

from __future__ import annotations


class ModuleDocFragment:
    """What Ansible looks for in this file."""

    # CLICK_ARGUMENTS, with CLICKOS
    DOCUMENTATION = r"""
options:
  socket:
    description:
      - Where Click listens, on the machine where the task runs. An absolute path for a UNIX socket (C(click -u)), or
        V(HOST:PORT) for TCP (C(click -p)).
    type: str
  domain:
    description:
      - The ClickOS domain in which Click runs, by name or number, on the Xen host where the task runs. It is reached
        through XenStore (C(libxenstore4)).
      - Either this or O(socket).
    type: str
"""

    # CLICKOS_ARGUMENTS, less the domain, which is not required where a socket will do
    CLICKOS = r"""
options:
  router:
    description: Which of the domain's routers.
    type: int
    default: 0
  timeout:
    description: Seconds until a Click that does not answer is an error, for each request.
    type: float
    default: 10
"""

# SPDX-License-Identifier: Apache-2.0
"""Replace the configuration of a running Click without restarting it, and check one before it is used."""

from __future__ import annotations

from ansible.module_utils.flowstream.control.socket import ClickControl
from ansible.module_utils.flowstream.control.text import normal_configuration, same_configuration
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.world.run import Run

# How Click calls a configuration that it reads from standard input.
_STANDARD_INPUT = "<stdin>:"


def check_configuration(run: Run, click: str, text: str, name: str) -> None:
    """Have the engine at `click` read and check `text`; FlowstreamError carries every message as `name:line: ...`."""
    result = run([click, "--check", "-"], text)
    if result.rc != 0:
        lines = [line for line in result.stderr.splitlines() if line.strip()] or [result.cause]
        raise FlowstreamError(*(line.replace(_STANDARD_INPUT, f"{name}:") for line in lines), details=result.details)


def converge_configuration(control: ClickControl, name: str, text: str, check_mode: bool) -> dict[str, object]:
    """Make the Click behind `control` run `text`; return a module's result."""
    if not text.strip():
        raise FlowstreamError(f"cannot use the configuration of {name}: it is empty")
    before = control.configuration()
    changed = not same_configuration(before, text)
    if changed and not check_mode:
        control.install(text)
    return {
        "changed": changed,
        "changes": [f"replace the configuration of {name}"] if changed else [],
        "diff": {
            "before_header": f"{name} configuration",
            "after_header": f"{name} configuration",
            "before": normal_configuration(before),
            "after": normal_configuration(text if changed else before),
        },
    }

# SPDX-License-Identifier: Apache-2.0
"""The part of the exporter that may read: prints the page, and takes nothing from anybody. Runs as flowstream-metrics-read@.service."""

from __future__ import annotations

import sys
from pathlib import Path

from ansible.module_utils.flowstream.metrics.exposition import page
from ansible.module_utils.flowstream.metrics.observe import observe
from ansible.module_utils.flowstream.metrics.settings import Settings


def main() -> None:
    """Read the machine once as the named file says, and print the page."""
    text = page(observe(Settings.parse(Path(sys.argv[2]).read_text())))
    sys.stdout.buffer.write(text)

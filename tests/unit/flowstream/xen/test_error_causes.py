# SPDX-License-Identifier: Apache-2.0
"""Texts that Xen 4.17's tools said on the test bench when that was lacking, and a few from sources."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.module_utils.flowstream.world.run import Result
from ansible.module_utils.flowstream.xen.error_causes import causes
from ansible.module_utils.flowstream.xen.toolstack_xl import XlToolstack

from ..conftest import messages

NO_TERMINAL = "libxl: error: libxl_create.c:1976:console_xswait_callback: domain 87 console tty: timed out"


@pytest.mark.parametrize(
    ("text", "beginning"),
    [
        ("libxl: error: libxl.c:142:libxl_domain_rename create xs transaction for domain (re)name: Invalid argument",
         "xenstored is out of open files"),
        (NO_TERMINAL, "xenconsoled made no terminal"),
        ("xenconsoled[286]: Failed to create tty for domain-87 (errno = 28, No space left on device)",
         "dom0 is out of pseudoterminals"),
        ("xenconsoled[286]: Failed to create tty for domain-88 (errno = 24, Too many open files)",
         "xenconsoled is out of open files"),
        ("libxl: error: libxl_dom.c:586:libxl__build_dom: xc_dom_boot_mem_init failed: Cannot allocate memory",
         "Xen has no memory left"),
        ("fork failed: Resource temporarily unavailable", "dom0 may have no more tasks"),
        ("libxl: error: libxl_xshelp.c:268:libxl__xs_transaction_commit: could not commit xenstore transaction: Bad file"
         " descriptor", "a listing in XenStore no longer fits"),
        ("libxl: error: libxl_xshelp.c:154:libxl__xs_get_dompath: Domain 1150:Failed to get dompath: Bad file descriptor",
         "a listing in XenStore no longer fits"),
        ("cannot run xl: no answer in 60 s", "xenstored does not answer"),
        ("call=xc_dom_boot_mem_init errno=16 cause=Device or resource busy: panic: xg_dom_boot.c:119:"
         " xc_dom_boot_mem_init: can't allocate low memory for domain", "Xen has no memory left"),
        ("[ 1939.694006] vif vif-105-0: 11 mapping shared-frames 148/8 port tx 3 rx 3", "netback got no thread"),
        ("RTNETLINK answers: Exchange full", "the Linux bridge has its 1,023 ports"),
    ],
)  # fmt: skip
def test_an_error_means_what_ran_out(text: str, beginning: str) -> None:
    [sentence] = causes(text)
    assert sentence.startswith(beginning)


def test_nothing_is_said_of_an_error_that_is_not_known() -> None:
    assert causes("libxl: error: libxl_utils.c:820: unable to open kernel: No such file or directory") == []


def test_a_toolstack_says_the_cause_after_its_error(tmp_path: Path) -> None:
    def run(argv: list[str], stdin: str = "") -> Result:
        return Result(tuple(argv), 3, "", f"libxl: error: libxl_create.c:1: domain 87: it failed\n{NO_TERMINAL}\n")

    said = messages(lambda: XlToolstack(run, tmp_path, tmp_path).start("d1", paused=False))
    assert said[0] == "cannot start domain d1: libxl: error: libxl_create.c:1: domain 87: it failed"
    assert said[1].startswith("xenconsoled made no terminal for the domain's console: raise sysctl kernel.pty.max")

# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.xen.mass.builder import DomainBuilder
from ansible.module_utils.flowstream.xen.mass.handle import handle
from ansible.module_utils.flowstream.xen.mass.messages import HostDomain, Message, creation
from ansible.module_utils.flowstream.xen.mass.template import DomainTemplate, VifTemplate

TEMPLATE = DomainTemplate(
    "d{number}", 1, 5, "/kernel", "pv", 4096, vifs=(VifTemplate("v{number}", "br-pm", "02:00:00:00:00:00"),),
    configuration="a;\n\tb\\n;",
)  # fmt: skip


def program(folder: Path, script: str) -> str:
    path = folder / "builder"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_a_message_survives_its_line() -> None:
    message = Message("create", (("ramdisk", "a;\n\tb\\n \\t;"), ("vif", "x"), ("vif", "y")))
    assert Message.parse(str(message)) == message


def test_a_request_has_all_of_a_domain() -> None:
    assert str(creation(TEMPLATE, 2)) == (
        "create\tname=d2\tkind=pv\tmemory_kib=4096\tcmdline=\tramdisk=a;\\n\\tb\\\\n;\t"
        f"handle={handle('d2', TEMPLATE.digest)}\tconsole=0\tvif=v2 02:00:00:00:00:02 br-pm\n"
    )


def test_the_domains_of_the_host_come_with_its_free_memory(tmp_path: Path) -> None:
    script = r"read x; printf 'domain\tdomid=3\tstate=running\tmemory_kib=4096\thandle=00ff\nlisted\tfree_kib=77\n'"
    with DomainBuilder(program(tmp_path, script)) as builder:
        assert builder.domains() == ([HostDomain(3, "running", 4096, "00ff")], 77)


def test_a_program_that_ends_says_why(tmp_path: Path) -> None:
    script = "echo 'domain-builder: cannot connect to XenStore: No such file' >&2; exit 1"
    with pytest.raises(FlowstreamError) as error, DomainBuilder(program(tmp_path, script)) as builder:
        builder.domains()
    assert str(error.value) == "cannot use domain-builder: cannot connect to XenStore: No such file"


def test_a_kernel_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    script = r"read x; printf 'failed\tcall=open /kernel\terrno=2\tcause=No such file or directory\n'"
    with pytest.raises(FlowstreamError) as error, DomainBuilder(program(tmp_path, script)) as builder:
        builder.load("/kernel")
    assert str(error.value) == "cannot use kernel /kernel: No such file or directory"

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from ansible.module_utils.flowstream.allocation.findings import Findings


def test_errors_come_in_file_order_and_those_of_a_line_as_they_were_found() -> None:
    findings = Findings("a.xml")
    findings.error(7, "pm 1", "late")
    findings.error(2, "pm 0", "zuerst")
    findings.error(2, "pm 0", "again")
    assert findings.as_error().messages == ("a.xml:2: pm 0: zuerst", "a.xml:2: pm 0: again", "a.xml:7: pm 1: late")


def test_a_warning_is_no_error() -> None:
    findings = Findings("a.xml")
    findings.warning(1, "edge", "something")
    assert findings.errors == ()
    assert list(map(str, findings.warnings)) == ["a.xml:1: edge: something"]

# SPDX-License-Identifier: Apache-2.0
"""Programs that can and cannot be the engine: a copy of ours, and scripts that play older ones."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from .conftest import CLICK, ROOT, Host

OLD_CLICK = """#!/bin/sh
for argument; do
  case $argument in
    -R) echo "click: unrecognized option '-R'" >&2; echo "Try 'click --help' for more information." >&2; exit 1;;
  esac
done
exec sleep 60
"""
PLAYED = """#!{python}
import sys, threading
from pathlib import Path
sys.path.insert(0, {folder!r})
from control_socket_server import ControlSocketServer
path, script = Path(sys.argv[3]), Path(sys.argv[4])
with ControlSocketServer(path, greeting={greeting!r}, readable={{"config": script.read_text(), "counter.count": "0"}}, writable={{"counter.reset_counts": ""}}):
    threading.Event().wait(60)
"""


def program(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_a_copy_of_our_program_elsewhere_lacks_nothing(control_node: Host, tmp_path: Path) -> None:
    other = shutil.copy(CLICK, tmp_path / "click of others")
    answer = control_node.module("click_program_info", program=str(other))
    listed = control_node.run(str(CLICK), "--elements").stdout.split()
    assert (answer["changed"], answer["classes"]) == (False, sorted(listed))
    assert control_node.module("click_program_info", check=True, program=str(other)) == answer


def test_an_old_program_is_refused_by_its_name_with_what_it_lacks(control_node: Host, tmp_path: Path) -> None:
    old = program(tmp_path / "old-click", OLD_CLICK)
    answer = control_node.module("click_program_info", program=str(old))
    lacks = "options -R -u SOCKET FILE, got exit status 1: click: unrecognized option '-R' Try 'click --help' for more information."
    assert (answer["failed"], answer["lacks"]) == (True, [lacks])
    assert answer["msg"] == (
        f"click_build_program {old}: cannot be an engine here, lacks {lacks}; see docs/engine.md, or use another program"
    )


def test_everything_that_a_program_lacks_is_said_at_once(control_node: Host, tmp_path: Path) -> None:
    text = PLAYED.format(
        python=sys.executable, folder=str(ROOT / "tests" / "library"), greeting="Click::ControlSocket/1.3"
    )
    answer = control_node.module("click_program_info", program=str(program(tmp_path / "played", text)))
    named = [re.sub(r", got .*", "", text, flags=re.DOTALL) for text in answer["lacks"]]
    assert named == ["write handler hotconfig", "read handler classes"]


def test_what_is_no_program_is_told_so(control_node: Host, tmp_path: Path) -> None:
    answer = control_node.module("click_program_info", program=str(tmp_path / "none"))
    assert answer["msg"] == f"cannot run {tmp_path}/none: No such file or directory; name Click's program for Linux"

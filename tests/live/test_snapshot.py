# SPDX-License-Identifier: Apache-2.0
"""A lab that was kept in a folder and taken down comes back from it: machines, what is deployed, and what a NAT knows of a session."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from .router_lab import ROOT, RouterLab

pytestmark = [
    pytest.mark.live,
    pytest.mark.long,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root: boots machines"),
]

NAT = str(ROOT / "examples" / "nat" / "allocation.xml")
INSIDE, SERVER = ("192.168.5.1", "4000"), ("192.168.6.1", "9000")
_SEND = """
import socket, sys
own, other, port, said = sys.argv[1:3], sys.argv[3], int(sys.argv[4]), sys.argv[5]
opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
opened.bind((own[0], int(own[1])))
opened.sendto(said.encode(), (other, port))
"""
_HEAR = """
import socket, sys
opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
opened.bind((sys.argv[1], int(sys.argv[2])))
opened.settimeout(5)
print("listens", flush=True)
try:
    said, (address, port) = opened.recvfrom(100)
    print(said.decode(), address, port)
except TimeoutError:
    print("nothing")
"""


def said(
    lab: RouterLab, sender: int, own: tuple[str, str], to: tuple[str, str], hearer: int, place: tuple[str, str]
) -> list[str]:
    """What is heard at a place of an endpoint of a datagram that another sends, with the address and port that it comes from."""
    argv = [*lab.endpoint(hearer).prefix, "python3", "-c", _HEAR, *place]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as heard:
        assert heard.stdout is not None
        assert heard.stdout.readline() == "listens\n"
        lab.endpoint(sender).run("python3", "-c", _SEND, *own, *to, "hello")
        return heard.stdout.readline().split()


def test_a_lab_comes_back_with_the_session_that_its_nat_knows(lab: RouterLab, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    lab.play("deploy", allocation=NAT)
    word, address, port = said(lab, 0, INSIDE, SERVER, 1, SERVER)
    assert (word, address) == ("hello", "203.0.113.0")
    before = {name: (lab.flows(name), sorted(lab.modules(name))) for name in ("sw1", "mh1", "mh2")}

    assert lab.play("lab-snapshot", snapshot=str(folder)).changed == {"localhost": 2}
    assert (folder.stat().st_mode & 0o777, (folder / "snapshot.json").stat().st_mode & 0o777) == (0o700, 0o600)
    lab.play("lab-down")
    lab.play("lab-restore", snapshot=str(folder))

    assert {name: (lab.flows(name), sorted(lab.modules(name))) for name in before} == before
    # Nobody inside has sent anything to the restored NAT: it lets in what belongs to a session that it was told of.
    assert said(lab, 1, SERVER, (address, port), 0, INSIDE) == ["hello", *SERVER]
    assert said(lab, 1, ("192.168.6.1", "9000"), (address, str(int(port) + 1)), 0, INSIDE) == ["nothing"]


def test_a_snapshot_of_another_lab_is_refused(lab: RouterLab, tmp_path: Path) -> None:
    kept = '{"schema": 1, "lab": {"machines": ["sw9"], "endpoints": [], "links": []}, "plans": [], "states": {}, "records": {}}'
    (tmp_path / "snapshot.json").write_text(kept)
    refused = lab.attempt("lab-restore", snapshot=str(tmp_path))
    assert refused.code != 0
    output = " ".join(refused.output.split())
    assert f"{tmp_path} is of another lab than this inventory has: endpoints, links, machines differ" in output

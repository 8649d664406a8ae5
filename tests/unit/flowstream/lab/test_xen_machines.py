# SPDX-License-Identifier: Apache-2.0
"""Xen hosts in a lab: what is declared, what has to be done, and how QEMU is asked for it."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.images.qemu_channel import Channel, Guest, save
from ansible.module_utils.flowstream.images.xen_image import XenImageBuild, loading_order
from ansible.module_utils.flowstream.images.xen_machine import XenImage, qemu_argv
from ansible.module_utils.flowstream.lab.qemu import read_image
from ansible.module_utils.flowstream.lab.state import Disk, LabState, Life
from ansible.module_utils.flowstream.lab.steps import changes_to_build
from ansible.module_utils.flowstream.lab.topology import Topology, parse_topology


def lab(**changed: Any) -> Topology:
    whole = {
        "prefix": "fs7",
        "directory": "/run/flowstream/lab7",
        "image": "/cache/bookworm-1",
        "xen_image": "/cache/xen-1",
        "management_address": "198.18.7.254/24",
        "machines": [
            {"name": "mh1", "address": "198.18.7.11", "kind": "xen_host"},
            {"name": "sw1", "address": "198.18.7.10", "kind": "container"},
        ],
        "links": [{"ends": ["sw1:mh1", "mh1:uplink"]}],
    }
    return parse_topology({**whole, **changed})


def texts(have: LabState) -> list[str]:
    return [str(change) for change in changes_to_build(lab(), have)]


def test_the_interfaces_of_a_xen_host_are_bridged_into_its_namespace_and_addressed_inside() -> None:
    machine = lab().machines[0]
    assert [bridge.name for bridge in machine.bridges] == ["br-mgmt0", "br-uplink"]
    ends = [machine.link.ends[1], *(end for end in lab().links[0].ends if end.namespace == machine.namespace)]
    assert [(end.name, end.bridge, end.addresses) for end in ends] == [
        ("mgmt0", "br-mgmt0", ()),
        ("uplink", "br-uplink", ()),
    ]


def test_a_xen_host_without_an_image_or_with_another_interface_is_refused() -> None:
    with pytest.raises(FlowstreamError) as caught:
        lab(xen_image=None, links=[{"ends": ["sw1:mh1", "mh1:eth0"]}])
    assert caught.value.messages == (
        "machine 'mh1': xen_image is missing; name the image of the Xen hosts, see lab_xen_image",
        "links[0]: end 'mh1:eth0': a Xen host has no interface 'eth0'; write mh1:uplink",
    )


def test_a_new_xen_host_gets_bridges_a_disk_and_an_introduction() -> None:
    changes = {str(change): change for change in changes_to_build(lab(), LabState())}
    assert {"add fs7-mh1:br-mgmt0", "add fs7-mh1:br-uplink", "make disk of mh1"} <= set(changes)
    assert [type(step).__name__ for step in changes["start machine mh1"].steps] == [
        "CloseConnection",
        "Boot",
        "Introduce",
    ]


def test_a_xen_host_that_lost_its_power_boots_from_the_disk_that_it_has() -> None:
    disk = Disk(image="/cache/xen-1", usable=True, lets_in=True)
    said = texts(LabState(disks={"mh1": disk}))
    assert "make disk of mh1" not in said
    assert "start machine mh1" in said


def test_a_new_image_means_a_new_disk() -> None:
    alive = Life(processes=3, supervised=True, wired=True, answers=True)
    disk = Disk(image="/cache/xen-0", usable=True, lets_in=True)
    said = texts(LabState(disks={"mh1": disk}, lives={"fs7-mh1": alive}))
    assert [text for text in said if text.endswith("mh1") and "namespace" not in text] == [
        "stop machine mh1",
        "make disk of mh1",
        "start machine mh1",
    ]


def test_a_module_comes_after_what_it_needs() -> None:
    dependencies = (
        "kernel/fs/ext4/ext4.ko: kernel/fs/jbd2/jbd2.ko kernel/fs/mbcache.ko kernel/lib/crc16.ko\n"
        "kernel/drivers/block/virtio_blk.ko: kernel/drivers/virtio/virtio.ko kernel/drivers/virtio/virtio_ring.ko\n"
        "kernel/lib/crc16.ko:\n"
    )
    assert [Path(file).stem for file in loading_order(dependencies, ["virtio_blk", "ext4"])] == (
        ["virtio_ring", "virtio", "virtio_blk", "crc16", "mbcache", "jbd2", "ext4"]
    )
    with pytest.raises(FlowstreamError, match="the kernel has no module zfs"):
        loading_order(dependencies, ["zfs"])


def test_an_image_has_another_name_when_anything_in_it_changes(tmp_path: Path) -> None:
    for folder in ("dom0", "initrd"):
        (tmp_path / folder).mkdir()
    (tmp_path / "initrd/init").write_text("#!/bin/sh\n")
    build = XenImageBuild(Path("/r/bookworm-1"), tmp_path / "dom0", tmp_path / "initrd", 4096, 1024, "QEMU 7.2")
    others = [
        replace(build, root=Path("/r/bookworm-2")).key,
        replace(build, memory_mib=8192).key,
        replace(build, dom0_memory_mib=2048).key,
        replace(build, qemu_version="QEMU 8").key,
    ]
    first = build.key
    (tmp_path / "initrd/init").write_text("#!/bin/ash\n")
    assert len({first, build.key, *others}) == 6


def test_only_a_new_machine_goes_on_from_the_saved_state() -> None:
    image = XenImage(Path("/cache/xen-1"), "tcg", 4096, 1024)
    netdevs = {"mgmt0": "tap,ifname=tap-mgmt0", "uplink": "tap,ifname=tap-uplink"}
    argv = qemu_argv(image, Path("/m"), netdevs, snapshot=True)
    assert argv[-2:] == ["-loadvm", "booted"]
    assert qemu_argv(image, Path("/m"), netdevs, snapshot=False) == argv[:-2]
    assert "tap,ifname=tap-uplink,id=uplink" in argv


def test_a_folder_that_is_no_image_is_named(tmp_path: Path) -> None:
    with pytest.raises(FlowstreamError) as caught:
        read_image(tmp_path)
    assert str(caught.value).startswith(f"cannot read the image {tmp_path}: ")


class Played:
    """QEMU's side of a socket: answers each command from a table."""

    def __init__(self, path: Path, greeting: str, answers: dict[str, list[Any]]) -> None:
        self.asked: list[dict[str, Any]] = []
        self._answers = answers
        self._greeting = greeting
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with connection, connection.makefile("rwb") as stream:
                stream.write(self._greeting.encode())
                stream.flush()
                for line in stream:
                    message = json.loads(line)
                    if message["execute"] == "end-of-test":
                        return
                    self.asked.append(message)
                    for answer in self._answer(message):
                        stream.write(json.dumps(answer).encode() + b"\n")
                    stream.flush()

    def _answer(self, message: dict[str, Any]) -> list[Any]:
        if message["execute"] == "guest-sync":
            return [{"return": "left over"}, {"return": message["arguments"]["id"]}]
        return [self._answers[message["execute"]].pop(0)]

    def close(self, path: Path) -> None:
        with Channel(path, 5.0) as channel:
            channel.send("end-of-test")
            self._thread.join()
        self._listener.close()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "socket"
    yield path
    path.unlink()


def test_what_the_monitor_prints_about_a_save_is_its_error(place: Path) -> None:
    answers = {
        "qmp_capabilities": [{"return": {}}],
        "stop": [{"return": {}}],
        "human-monitor-command": [{"return": "Error: No space left on device\r\n"}],
    }
    played = Played(place, '{"QMP": {}}\n{"event": "STOP"}\n', answers)
    try:
        with pytest.raises(FlowstreamError) as caught:
            save(place, "booted", 5.0)
        assert str(caught.value) == "cannot save the machine: Error: No space left on device"
    finally:
        played.close(place)


def test_a_script_that_fails_in_the_machine_says_its_last_line(place: Path) -> None:
    answers = {
        "guest-exec": [{"return": {"pid": 7}}],
        "guest-exec-status": [
            {"return": {"exited": False}},
            {"return": {"exited": True, "exitcode": 1, "err-data": "YQpubyBzdWNoIHVuaXQK"}},
        ],
    }
    played = Played(place, "", answers)
    try:
        with pytest.raises(FlowstreamError) as caught:
            Guest(place).run("false", 5.0)
        assert str(caught.value) == "cannot run a script in the machine: no such unit"
    finally:
        played.close(place)

# SPDX-License-Identifier: Apache-2.0
"""Look at what is there of a lab."""

from __future__ import annotations

import json
import os
import re
import socket
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.flowstream.addresses import EVERYTHING6
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.lab.cgroup import PAYLOAD, Cgroups
from ansible.module_utils.flowstream.lab.interface import Interface
from ansible.module_utils.flowstream.lab.state import Disk, Found, LabState, Life, Namespace
from ansible.module_utils.flowstream.lab.topology import Machine, Neighbour, Route, Topology
from ansible.module_utils.flowstream.lab.tunnel import Vxlan, underlay_in
from ansible.module_utils.flowstream.lab.wire import file_in
from ansible.module_utils.flowstream.world.files import read_text
from ansible.module_utils.flowstream.world.run import Run, checked

NETNS = Path("/run/netns")
NSPAWN = Path("/run/systemd/nspawn")
"""Where systemd-nspawn keeps a directory for each machine to pass mounts, which a killed one leaves behind."""
BOOTING_SECONDS = 10.0
XEN_BOOTING_SECONDS = 180.0
"""How long a machine that runs already may take to answer before it is taken for broken."""
ANSWER_SECONDS = 5.0
"""How long sshd may take to say its first line: an emulated machine that others keep busy does take a while."""
_OCTAL = re.compile(r"\\([0-7]{3})")


def observe(want: Topology, run: Run, cgroups: Cgroups) -> LabState:
    """What is there of the lab `want`, and of anything else with its prefix."""
    mountinfo = Path("/proc/self/mountinfo").read_text()
    machines = want.directory / "machines"
    names = sorted(path.name for path in machines.iterdir()) if machines.is_dir() else []
    prefix = f"{want.prefix}-"
    by_namespace = {machine.namespace: machine for machine in want.machines}
    in_qemu = {machine.name: machine for machine in want.machines if machine.xen}
    return LabState(
        directory_exists=want.directory.is_dir(),
        directory_complete=machines.is_dir() and want.connections.is_dir(),
        key_exists=want.key.is_file() and want.key.with_suffix(".pub").is_file(),
        known_hosts_current=read_text(want.known_hosts) == known_hosts(want),
        host_interfaces={
            name: found for name, found in interfaces(run, None, frozenset()).items() if name.startswith(prefix)
        },
        namespaces=_namespaces(want, run, prefix, mountinfo),
        disks={
            name: _qemu_disk(want, in_qemu[name]) if name in in_qemu else _disk(want, name, mountinfo) for name in names
        },
        lives={name: life(name, by_namespace.get(name), cgroups) for name in cgroups.names(want.prefix)},
        mounts=tuple(_mounts_below(want.directory, mountinfo)),
        connections=tuple(sorted(path for path in want.connections.glob("*") if path.is_socket())),
        litter=tuple(sorted(NSPAWN.glob(f"*/{prefix}*"))),
        wires={name: text for name in names if (text := read_text(file_in(machines / name))) is not None},
    )


def known_hosts(want: Topology) -> str:
    """The machines' host keys as ssh wants them, sshd(8); a machine without a key is left out."""
    lines = []
    for machine in want.machines:
        key = read_text(machine.host_key.with_suffix(".pub"))
        if key is not None:
            lines.append(f"{machine.address} {' '.join(key.split()[:2])}\n")
    return "".join(lines)


def answers(address: str) -> bool:
    """Whether an SSH server says its first line (RFC 4253, section 4.2) on port 22."""
    try:
        with socket.create_connection((address, 22), timeout=ANSWER_SECONDS) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


def life(namespace: str, machine: Machine | None, cgroups: Cgroups) -> Life:
    """How a machine lives; one that runs gets a while to answer."""
    processes = cgroups.processes(namespace)
    supervised = bool(cgroups.processes(namespace, "supervisor"))
    wired = supervised and machine is not None and _wired(machine, cgroups)
    answered = False
    if machine is not None and wired:
        deadline = time.monotonic() + (XEN_BOOTING_SECONDS if machine.xen else BOOTING_SECONDS)
        while not (answered := answers(machine.address)) and time.monotonic() < deadline:
            time.sleep(0.1)
    return Life(len(processes), supervised, wired, answered)


def _wired(machine: Machine, cgroups: Cgroups) -> bool:
    pid = cgroups.first_process(machine.namespace, ("supervisor",) if machine.xen else PAYLOAD)
    place = NETNS / machine.namespace
    try:
        return pid is not None and os.path.samestat(Path(f"/proc/{pid}/ns/net").stat(), place.stat())
    except FileNotFoundError:
        return False


def interfaces(run: Run, namespace: str | None, with_offload: frozenset[str]) -> dict[str, Found]:
    """The interfaces of a namespace by name; whether the sender sums up is asked of those in `with_offload`."""
    inside = ["ip", *(["-n", namespace] if namespace else [])]
    text = checked(run, [*inside, "-json", "-details", "address", "show"], f"list interfaces of {namespace or 'host'}")
    found = {}
    for link in _json_list(text):
        name = str(link["ifname"])
        software = name in with_offload and _sender_sums(run, namespace, name)
        found[name] = _found(namespace, link, software)
    return found


def _found(namespace: str | None, link: Mapping[str, Any], software_checksums: bool) -> Found:
    is_veth = link.get("linkinfo", {}).get("info_kind") == "veth"
    addresses = tuple(
        f"{address['local']}/{address['prefixlen']}"
        for address in link.get("addr_info", [])
        if address.get("scope") != "link"
    )
    interface = Interface(
        namespace,
        str(link["ifname"]),
        str(link.get("address", "")),
        int(link["mtu"]),
        addresses,
        link.get("master"),
        software_checksums,
    )
    return Found(
        interface,
        int(link["ifindex"]),
        link.get("link_index") if is_veth else None,
        "UP" in link.get("flags", []),
        link.get("inet6_addr_gen_mode", "none") != "none",
        _vxlan(link),
    )


def _vxlan(link: Mapping[str, Any]) -> Vxlan | None:
    """The way of an interface that a lab has made to another one: its alias says so, and what the kernel does not tell."""
    underlay = underlay_in(str(link.get("ifalias", "")))
    kind = link.get("linkinfo", {})
    if underlay is None or kind.get("info_kind") != "vxlan":
        return None
    data = kind.get("info_data", {})
    remote, local = (str(data.get(name) or data.get(f"{name}6") or "") for name in ("remote", "local"))
    return Vxlan(int(data.get("id", 0)), remote, local, int(data.get("port", 0)), underlay)


def _sender_sums(run: Run, namespace: str | None, name: str) -> bool:
    inside = ["ip", "netns", "exec", namespace] if namespace else []
    text = checked(run, [*inside, "ethtool", "--show-features", name], f"read features of {name}")
    return any(line.split() == ["tx-checksumming:", "off"] for line in text.splitlines())


def _json_list(text: str) -> list[dict[str, Any]]:
    # ip writes nothing, or empty objects, for what its filter left out.
    return [item for item in json.loads(text or "[]") if item]


def _namespaces(want: Topology, run: Run, prefix: str, mountinfo: str) -> dict[str, Namespace]:
    if not NETNS.is_dir():
        return {}
    endpoints = {endpoint.namespace for endpoint in want.endpoints}
    ends = [*(end for link in want.links for end in link.ends), *(tunnel.end for tunnel in want.tunnels)]
    summing = {(end.namespace, end.name) for end in ends if end.software_checksums}
    alive = {path.name for path, kind, _ in _mounts(mountinfo) if path.parent == NETNS and kind == "nsfs"}
    found = {}
    for path in sorted(NETNS.glob(f"{prefix}*")):
        name = path.name
        if name not in alive:
            found[name] = Namespace(alive=False)
            continue
        there = interfaces(run, name, frozenset(interface for namespace, interface in summing if namespace == name))
        loopback = there.pop("lo", None)
        is_endpoint = name in endpoints
        found[name] = Namespace(
            True,
            loopback is not None and loopback.up,
            there,
            tuple(sorted(_routes(run, name))) if is_endpoint else (),
            tuple(sorted(_neighbours(run, name))) if is_endpoint else (),
        )
    return found


def _routes(run: Run, namespace: str) -> Iterable[Route]:
    for family, everything in (("-4", "default"), ("-6", str(EVERYTHING6))):
        argv = ["ip", "-n", namespace, family, "-json", "route", "show"]
        for route in _json_list(checked(run, argv, f"list routes of {namespace}")):
            if route.get("protocol") != "kernel":
                to = everything if route["dst"] == "default" else str(route["dst"])
                yield Route(to, str(route.get("gateway", "")), route.get("prefsrc"))


def _neighbours(run: Run, namespace: str) -> Iterable[Neighbour]:
    argv = ["ip", "-n", namespace, "-json", "neighbour", "show", "nud", "permanent"]
    for neighbour in _json_list(checked(run, argv, f"list neighbours of {namespace}")):
        yield Neighbour(str(neighbour["dst"]), str(neighbour["lladdr"]), str(neighbour["dev"]))


def _mounts(mountinfo: str) -> Iterable[tuple[Path, str, str]]:
    """Mount point, kind and the file system's own options of every mount: proc(5)."""
    for line in mountinfo.splitlines():
        head, _, tail = line.partition(" - ")
        kind, _, options = [*tail.split(), "", "", ""][:3]
        yield Path(_unescape(head.split()[4])), kind, _unescape(options)


def _unescape(text: str) -> str:
    return _OCTAL.sub(lambda match: chr(int(match[1], 8)), text)


def _mounts_below(directory: Path, mountinfo: str) -> list[Path]:
    found = [path for path, _, _ in _mounts(mountinfo) if path.is_relative_to(directory)]
    return sorted(found, key=lambda path: len(path.parts), reverse=True)


def _disk(want: Topology, name: str, mountinfo: str) -> Disk:
    directory = want.machine_directory(name)
    root = directory / "root"
    image = read_text(directory / "image")
    lowers = [options for path, kind, options in _mounts(mountinfo) if path == root and kind == "overlay"]
    lower = f"lowerdir={want.image}"
    # An image that was removed under a mounted disk leaves a root without a systemd.
    mounted = len(lowers) == 1 and lower in lowers[0].split(",") and (root / "lib/systemd/systemd").exists()
    public_key = read_text(want.key.with_suffix(".pub"))
    authorized = read_text(root / "root/.ssh/authorized_keys") or ""
    lets_in = (
        public_key is not None
        and public_key.strip() in authorized.splitlines()
        and read_text(root / "etc/ssh/ssh_host_ed25519_key.pub") is not None
    )
    return Disk(image.strip() if image else None, mounted, lets_in)


def _qemu_disk(want: Topology, machine: Machine) -> Disk:
    image = read_text(machine.directory / "image")
    key = read_text(want.key.with_suffix(".pub"))
    return Disk(
        image.strip() if image else None,
        machine.disk.exists(),
        key is not None and read_text(machine.introduced) == key and machine.host_key.exists(),
    )


def require_tools(run: Run, qemu: bool) -> None:
    """FlowstreamError that names every program that is missing, and its Debian package."""
    tools = {
        "systemd-nspawn": "systemd-container",
        "ip": "iproute2",
        "ethtool": "ethtool",
        "ssh-keygen": "openssh-client",
        "mount": "mount",
        **({"qemu-system-x86_64": "qemu-system-x86", "qemu-img": "qemu-utils"} if qemu else {}),
    }
    missing = [tool for tool in tools if run(["which", tool]).rc != 0]
    if missing:
        packages = " ".join(sorted({tools[tool] for tool in missing}))
        raise FlowstreamError(f"cannot run a lab: no {', '.join(missing)} here; install {packages}")

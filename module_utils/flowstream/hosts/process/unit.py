# SPDX-License-Identifier: Apache-2.0
"""How a processing module lives on a host as a process: one systemd unit that makes and unmakes all of it.

The unit's start makes the network namespace, the veth pair, and the tagged port on the host's bridge, and its end
takes them away, also after a crash or a reboot. So a running unit is a complete module, and there is nothing to
remember but the unit file and the configuration file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.openvswitch.tags import ALLOCATION_TAG, PM_TAG
from ansible.module_utils.flowstream.plan.plan import PlannedPm
from ansible.module_utils.flowstream.plan.vif import Vif

UNIT_PREFIX = "flowstream-pm@"
UNIT_SUFFIX = ".service"
RESTART_SECONDS = 1
STOP_SECONDS = 10
# Its account of each call would drown the engine's own words in the journal.
_VSCTL = f"ovs-vsctl --timeout={STOP_SECONDS} --verbose=syslog:warn"
# tbf(8): a bucket of at least rate/HZ; 5 ms at the rate is enough at 250 Hz and above.
_BURST_SECONDS = 0.005
_MIN_BURST_BYTES = 16384

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]*\Z")
_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}\Z")


@dataclass(frozen=True)
class PmPaths:
    """Where a host keeps the files of its processing modules."""

    config_dir: Path
    run_dir: Path
    unit_dir: Path

    def unit_file(self, name: str) -> Path:
        """Where the unit file of a module lies."""
        return self.unit_dir / unit_of(name)

    def config_file(self, name: str) -> Path:
        """Where its Click configuration lies."""
        return self.config_dir / f"{name}.click"

    def socket(self, name: str) -> Path:
        """Where its ControlSocket listens."""
        return self.run_dir / f"{name}.sock"

    def name_of(self, unit_file: Path) -> str:
        """The processing module that a unit file is of."""
        return unit_file.name.removeprefix(UNIT_PREFIX).removesuffix(UNIT_SUFFIX)


@dataclass(frozen=True)
class PmHost:
    """What all processing modules of one host share.

    `bridge` is its Open vSwitch bridge, `click` the engine, `port_type` Open vSwitch's type for the ports (`system`,
    or `afxdp-nonpmd` where the host allows it), `checks` whether the engine can check configurations. To look at modules, the paths are enough.
    """

    bridge: str = ""
    click: Path = Path("/usr/local/bin/click")
    port_type: str = "system"
    checks: bool = True
    paths: PmPaths = field(kw_only=True)


def unit_of(name: str) -> str:
    """The systemd unit of a processing module."""
    return f"{UNIT_PREFIX}{name}{UNIT_SUFFIX}"


def vif_of(pm: PlannedPm) -> Vif:
    """The one arm of a processing module that is a process; FlowstreamError when the plan gives it another shape."""
    if pm.kind != "process":
        raise FlowstreamError(f"pm {pm.name}: its kind is {pm.kind}; this host runs process")
    if len(pm.vifs) != 1:
        raise FlowstreamError(f"pm {pm.name}: has {len(pm.vifs)} vifs; a process has one")
    vif = pm.vifs[0]
    words = [("name", pm.name), ("device", vif.device), ("interface", vif.interface)]
    for what, text in [*words, *([("tenant", pm.tenant)] if pm.tenant else [])]:
        if not _SAFE.match(text):
            raise FlowstreamError(f"pm {pm.name}: {what} '{text}' has characters besides letters, digits and _.:-")
    if not _MAC.match(vif.mac):
        raise FlowstreamError(f"pm {pm.name}: mac '{vif.mac}' is not six lower-case hexadecimal bytes with colons")
    return vif


def unit_text(host: PmHost, allocation: str, pm: PlannedPm) -> str:
    """The whole unit file of one processing module, see systemd.service(5) and systemd.exec(5)."""
    vif = vif_of(pm)
    inside = f"ip netns exec {pm.name}"
    tags = f"external_ids:{ALLOCATION_TAG}={allocation} external_ids:{PM_TAG}={pm.name}"
    kind = "" if host.port_type == "system" else f" type={host.port_type}"
    # A leading "-" lets a command fail: what is to go may not be there, and a kernel may have no IPv6 to turn off.
    take_away = [
        f"-{_VSCTL} --no-wait --if-exists del-port {vif.device}",
        f"-ip link delete {vif.device}",
        f"-ip netns delete {pm.name}",
        f"rm -f {host.paths.socket(pm.name)}",
    ]
    make = [
        f"mkdir -p {host.paths.run_dir}",
        f"ip netns add {pm.name}",
        f"ip link add {vif.device} type veth peer name {vif.interface} address {vif.mac} netns {pm.name}",
        f"-{inside} sysctl -qw net.ipv6.conf.{vif.interface}.disable_ipv6=1",
        f"-sysctl -qw net.ipv6.conf.{vif.device}.disable_ipv6=1",
        f"ip -n {pm.name} link set {vif.interface} up",
        f"ip link set {vif.device} up",
        f"{_VSCTL} add-port {host.bridge} {vif.device}"
        f" -- set Interface {vif.device}{kind} ofport_request={vif.ofport} {tags}",
    ]
    if vif.rate_mbps is not None:
        burst = max(_MIN_BURST_BYTES, int(vif.rate_mbps * 1e6 / 8 * _BURST_SECONDS))
        shape = f"tbf rate {vif.rate_mbps}mbit burst {burst} latency 50ms"
        make.append(f"{inside} tc qdisc replace dev {vif.interface} root {shape}")
    lines = [
        "[Unit]",
        f"Description=Flowstream processing module {pm.name}",
        "After=network.target openvswitch-switch.service",
        "StartLimitIntervalSec=0",
        "",
        "[X-Flowstream]",
        f"Allocation={allocation}",
        *([f"Tenant={pm.tenant}"] if pm.tenant else []),
        "",
        "[Service]",
        "Type=exec",
        *(f"ExecStartPre={command}" for command in take_away),
        *(f"ExecStartPre={command}" for command in make),
        f"ExecStart={inside} {host.click} -R -u {host.paths.socket(pm.name)} {host.paths.config_file(pm.name)}",
        *(f"ExecStopPost={command}" for command in take_away),
        "Restart=on-failure",
        f"RestartSec={RESTART_SECONDS}",
        f"TimeoutStopSec={STOP_SECONDS}",
        f"MemoryMax={pm.memory_mib}M",
        f"CPUQuota={pm.vcpus * 100}%",
        "LimitMEMLOCK=infinity",
        "",
        "[Install]",
        "WantedBy=multi-user.target",
    ]
    return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True)
class UnitAccount:
    """What a unit file of ours takes of its host: MiB, processors, Mbit/s, and OpenFlow numbers by interface.

    Nothing of it is there of another's.
    """

    tenant: str = ""
    memory_mib: int = 0
    vcpus: int = 0
    rate_mbps: int | None = None
    ports: Mapping[str, int] = field(default_factory=dict)


def account_of_unit(text: str) -> UnitAccount:
    """What the module of a unit file takes, whether it runs or not: it may start at any time."""

    def found(pattern: str) -> str | None:
        line = re.search(pattern, text, re.MULTILINE)
        return line.group(1) if line else None

    rate = found(r"\btbf rate (\d+)mbit ")
    return UnitAccount(
        tenant=found(r"^Tenant=(.+)$") or "",
        memory_mib=int(found(r"^MemoryMax=(\d+)M$") or 0),
        vcpus=int(found(r"^CPUQuota=(\d+)%$") or 0) // 100,
        rate_mbps=int(rate) if rate else None,
        ports={device: int(number) for device, number in re.findall(r" Interface (\S+).* ofport_request=(\d+) ", text)},
    )


def allocation_of_unit(text: str) -> str | None:
    """The allocation that a unit file of ours was written for."""
    found = re.search(r"^\[X-Flowstream\]\nAllocation=(.+)$", text, re.MULTILINE)
    return found.group(1) if found else None

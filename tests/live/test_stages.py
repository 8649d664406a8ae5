# SPDX-License-Identifier: Apache-2.0
"""Stages in series in the lab: a router behind a shaper and flow monitors, with packets, connections and a collector.

The tests are one story in the order of this file. The collector is Debian's nfcapd; devices that carry stages are played by
a bridge of Linux with nftables.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.trace.engine import Engine
from ansible.module_utils.flowstream.trace.packet import MARK, TracedPacket
from ansible.module_utils.flowstream.trace.way import tables_of, trace
from ansible.module_utils.flowstream.world.run import local_run

from .conversations import answered_pings, fetches, web_server
from .iperf import iperf_server
from .nft_device import SILENT, NftDevice
from .router_lab import ROOT, RouterLab, await_condition
from .tunnel_end import TunnelEnd

pytestmark = [pytest.mark.live, pytest.mark.skipif(os.geteuid() != 0, reason="needs root: boots machines")]

ALLOCATION = ROOT / "examples" / "staged-router" / "allocation.xml"
HOSTS = {"staged-pm0": "mh1", "staged-pm1": "mh2", "staged-pm10": "mh1", "staged-pm11": "mh2", "staged-pm12": "mh1",
         "staged-pm13": "mh2", "staged-pm14": "mh1"}  # fmt: skip
SHAPED_MBPS = 20


@pytest.fixture(scope="module", autouse=True)
def deployed(lab: RouterLab) -> None:
    lab.play("deploy-router", allocation=str(ALLOCATION))


def handler(lab: RouterLab, pm: str, name: str) -> int:
    return lab.handler(HOSTS[pm], pm, name)


@contextmanager
def running(*argv: str) -> Iterator[subprocess.Popen[str]]:
    """A program that is there meanwhile, for a minute at most."""
    process = subprocess.Popen(["timeout", "60", *argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=10)


def test_the_modules_of_a_way_run_on_both_hosts(lab: RouterLab) -> None:
    assert {pm: name for name in ("mh1", "mh2") for pm in lab.modules(name)} == HOSTS


@pytest.mark.deploys("staged-router")
def test_every_route_is_reached_through_the_stages(lab: RouterLab) -> None:
    before = {
        pm: handler(lab, pm, "outward.count") for pm in ("staged-pm10", "staged-pm11", "staged-pm12", "staged-pm13")
    }
    lab.play("verify-router", allocation=str(ALLOCATION))
    report = lab.report("verification", "staged")
    routed = [row for row in report["rows"] if row["prefix"]]
    # What would enter by port 3 and is not allowed there is not sent.
    assert {row["prefix"] for row in routed} == {
        *(f"{net}.{n}.0/24" for net in ("192.168", "10.0") for n in (5, 6, 7, 8))
    } - {"10.0.7.0/24"}
    for row in routed:
        assert (row["received"], row["faults"]) == (row["sent"], [])
    sent = {row["prefix"]: row["sent"] for row in routed}
    grown = {pm: handler(lab, pm, "outward.count") - count for pm, count in before.items()}
    # Nothing else goes to these networks but what answers the verification's questions.
    assert grown["staged-pm10"] >= sent["192.168.6.0/24"] + sent["10.0.6.0/24"]
    assert grown["staged-pm11"] == grown["staged-pm10"]
    assert grown["staged-pm13"] >= sent["192.168.7.0/24"]


def test_a_traced_packet_takes_the_way_that_its_probes_take(lab: RouterLab) -> None:
    packet = "ip src 192.168.5.1 dst 192.168.6.1 tcp dport 443"
    lab.play("trace", allocation=str(ALLOCATION), packet=packet, port=0)
    rows = lab.report("trace", "staged")["rows"]
    places = [
        "sw1",
        "mh1",
        "mh1/staged-pm0",
        "mh1",
        "sw1",
        "mh2",
        "mh2/staged-pm11",
        "mh2",
        "sw1",
        "mh1",
        "mh1/staged-pm10",
    ]
    assert [row["found"]["place"] for row in rows] == [*places, "mh1", "sw1", "sw1"]
    assert {row["counted"] for row in rows if row["found"]["kind"] == "entry"} == {5}
    assert (rows[-1]["found"]["portid"], rows[-1]["counted"]) == (1, 5)


def test_a_wrong_flow_put_in_by_hand_is_found_by_trace(lab: RouterLab) -> None:
    wrong = "cookie=0xfeed,priority=4000,in_port=12,dl_vlan=3"
    sw1 = lab.machine("sw1")
    sw1.run("ovs-ofctl", "--protocols=OpenFlow13", "add-flow", "br-flow", f"{wrong},actions=pop_vlan,output:4")
    try:
        packet = "ip src 192.168.5.1 dst 192.168.6.1 udp dport 53"
        result = lab.attempt("trace", allocation=str(ALLOCATION), packet=packet, port=0)
        assert result.code == 2
        marked = [line for line in lab.report("trace", "staged")["lines"] if line.startswith("!")]
        assert any("not planned: sw1" in line and "in no plan" in line and "[5 probes]" in line for line in marked)
        assert "! not planned: sw1: leaves by platform port 3  [5 probes]" in marked
        assert lab.attempt("drift", allocation=str(ALLOCATION)).code == 2
        (found,) = lab.report("drift", "staged")
        assert found["machine"] == "sw1"
        assert found["foreign"].startswith("cookie=0xfeed,table=0,priority=4000,in_port=12,dl_vlan=3 ")
    finally:
        sw1.run("ovs-ofctl", "--protocols=OpenFlow13", "--strict", "del-flows", "br-flow", wrong.partition(",")[2])


@pytest.mark.parametrize("entry", [0, 3])
def test_hundreds_of_random_packets_come_out_where_trace_says(lab: RouterLab, tmp_path: Path, entry: int) -> None:
    plan, choose = Plan.from_json((lab.build / "staged" / "plan.json").read_text()), random.Random(entry)
    port = next(port for port in plan.ports if port.portid == entry)
    engine = Engine(local_run(20), ROOT / "clickos" / "build" / "click", tmp_path, [MARK])
    frames, expected = [], []
    for number in range(150):
        net, behind = choose.choice(["192.168", "10.0"]), choose.choice([5 + entry, 5 + entry, 5 + entry, 9])
        destination = f"{choose.choice(['192.168', '10.0', '10.9'])}.{choose.randrange(5, 9)}.1"
        text = f"src {net}.{behind}.1 dst {destination} {choose.choice(['tcp', 'udp'])} sport {1024 + number} dport {number}"
        packet = TracedPacket.parse(f"{text} ttl {choose.choice([1, 2, 64])}")
        frames.append(packet.frame("06:00:00:00:00:01", port.mac, number).hex())
        ways = trace(plan, tables_of(plan), packet, entry, engine.passage, plan.up())
        expected.append({step.portid for way in ways for step in way if step.portid is not None})
    endpoints = [{"name": f"ep{n}", "namespace": lab.endpoint(n).name, "interface": "eth0"} for n in range(4)]
    asked = {"frames": frames, "sender": f"ep{entry}", "endpoints": endpoints, "count": 1}
    output = lab.module("localhost", "packet_probe", **asked).output
    captured = yaml.safe_load(output.partition("=>")[2])["captured"]
    found = [{n for n in range(4) if captured[f"ep{n}"][number]} for number in range(len(frames))]
    assert found == expected
    assert {0: 4, 3: 1}[entry] <= len(set(map(frozenset, found)))


def test_a_second_deployment_changes_nothing(lab: RouterLab) -> None:
    result = lab.play("deploy-router", allocation=str(ALLOCATION))
    assert set(result.changed) <= {"localhost"}


def test_what_leaves_by_the_line_keeps_to_its_rate_and_is_not_lost(lab: RouterLab) -> None:
    with iperf_server(lab.endpoint(1)):
        text = lab.endpoint(0).run("iperf3", "--client", "192.168.6.1", "--time", "4", "--format", "m")
    print(text)
    (line,) = [line for line in text.splitlines() if "receiver" in line]
    rate = float(line.split("Mbits/sec")[0].split()[-1])
    assert 0.3 * SHAPED_MBPS < rate <= SHAPED_MBPS
    assert handler(lab, "staged-pm10", "outward_excess.count") == 0


def test_what_comes_in_by_the_door_has_to_be_asked_for(lab: RouterLab) -> None:
    assert lab.pings(0, "192.168.8.1")
    refused = handler(lab, "staged-pm14", "rejected.count")
    assert not lab.pings(3, "192.168.5.1")
    assert handler(lab, "staged-pm14", "rejected.count") == refused + 3
    for server, client, passes in ((3, 0, True), (0, 3, False)):
        address = {0: "192.168.5.1", 3: "192.168.8.1"}[server]
        with iperf_server(lab.endpoint(server)):
            argv = ["iperf3", "--client", address, "--bytes", "1M", "--connect-timeout", "2000"]
            assert (lab.endpoint(client).ask(*argv).returncode == 0) == passes


def test_a_collector_hears_of_the_flows_of_each_monitor(lab: RouterLab, tmp_path: Path) -> None:
    files = tmp_path / "flows"
    files.mkdir()

    def heard() -> set[tuple[str, ...]]:
        """Source and destination of the flows in files that are complete."""
        argv = ["nfdump", "-R", str(files), "-o", "fmt:%sa %da %pkt", "-q"]
        text = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30).stdout
        return {tuple(line.split()[:2]) for line in text.splitlines() if len(line.split()) == 3}

    pairs = [("192.168.5.1", "192.168.6.1"), ("192.168.5.1", "192.168.7.1"), ("10.0.5.1", "10.0.7.1")]
    with running(*lab.endpoint(3).prefix, "nfcapd", "-w", str(files), "-p", "4739", "-b", "192.168.8.1", "-t", "2"):
        await_condition("nfcapd listens", lambda: ":4739" in lab.endpoint(3).run("ss", "-lun"))
        wanted = {*pairs, *((destination, source) for source, destination in pairs)}

        def asked_again() -> bool:
            """Monitors repeat every 10 s how their records are to be read; until then the collector cannot."""
            assert all(lab.pings(0, destination) for _, destination in pairs)
            return wanted <= heard()

        await_condition("the collector has heard of both ways of each", asked_again, 45)


def test_without_a_stage_nothing_goes_around_it(lab: RouterLab) -> None:
    assert lab.pings(0, "192.168.6.1")
    lab.machine("mh1").run("systemctl", "stop", "flowstream-pm@staged-pm10")
    missing = "table=0,priority=1200,in_port=12,vlan_tci=0x0000/0x1fff,dl_src=02:00:5e:00:57:02,ip"
    lab.machine("sw1").run("ovs-ofctl", "--protocols=OpenFlow13", "--strict", "del-flows", "br-flow", missing)
    try:
        assert not lab.pings(0, "192.168.6.1")
        assert lab.pings(0, "192.168.8.1")
        assert lab.attempt("drift", allocation=str(ALLOCATION)).code == 2
        found = {(one["machine"], one["change"]) for one in lab.report("drift", "staged")}
        assert ("mh1", "start pm staged-pm10") in found
        (change,) = [change for machine, change in found if machine == "sw1"]
        assert change.startswith("add flow ")
        assert change.endswith("(stage pair on mh2 to port 2: out, hop 2 of 2)")
    finally:
        lab.play("deploy-router", allocation=str(ALLOCATION))
    assert lab.pings(0, "192.168.6.1")


def test_removal_leaves_nothing(lab: RouterLab) -> None:
    lab.play("drift", allocation=str(ALLOCATION))
    lab.play("remove-router", allocation=str(ALLOCATION))
    assert {name: lab.traces(name) for name in ("sw1", "mh1", "mh2")} == {"sw1": [], "mh1": [], "mh2": []}


# ---- The same lab, with a tunnel at the port


TUNNEL = ROOT / "examples" / "vpn-router" / "allocation.xml"
GATEWAY = "vpn-pm11"
INSIDE, OTHER_SITE = "192.168.5.1", "10.99.0.7"
PINGS = 3
RATE = 1000
"""Packets in a second, each way."""
OUT, NEXT_OUT = ({"spi": 0x1001 + at, "key": os.urandom(36).hex()} for at in range(2))
IN, NEXT_IN = ({"spi": 0x2001 + at, "key": os.urandom(36).hex()} for at in range(2))


@pytest.fixture(scope="module")
def other_site(lab: RouterLab) -> Iterator[TunnelEnd]:
    """The gateway of the other site, which knows all keys."""
    gateway = TunnelEnd(lab, 1, "gateway")
    try:
        assert gateway.ask(json.dumps({"sending": [IN, NEXT_IN], "receiving": [OUT, NEXT_OUT]})) == 0
        yield gateway
    finally:
        gateway.kill()


def deploy_tunnel(
    lab: RouterLab, folder: Path, out: dict[str, Any], *received: dict[str, Any], part: str = "all"
) -> dict[str, int]:
    """Deploy with these keys, in a file that ansible-vault has encrypted; what changed where."""
    password, keys = folder / "password", folder / "keys.yml"
    password.write_text("of the test")
    keys.write_text(json.dumps({"vpn_secrets": {"branch": {"out": out, "in": received}}}))
    vault = ("--vault-password-file", str(password))
    subprocess.run(["ansible-vault", "encrypt", *vault, str(keys)], check=True, capture_output=True, timeout=60)
    return lab.play("deploy", *vault, "-e", f"@{keys}", "--tags", part, allocation=str(TUNNEL)).changed


def test_a_tunnel_is_deployed_with_keys_from_a_vault_and_they_are_nowhere_else(lab: RouterLab, tmp_path: Path) -> None:
    assert deploy_tunnel(lab, tmp_path, OUT, IN)["mh2"] > 0
    assert set(deploy_tunnel(lab, tmp_path, OUT, IN)) <= {"localhost"}
    for key in (OUT["key"], IN["key"]):
        assert not [path for path in lab.build.rglob("*") if path.is_file() and key in path.read_text(errors="replace")]
        assert not lab.machine("mh2").ask("grep", "-rl", key, "/etc", "/run", "/root", "/var").stdout


@pytest.mark.deploys("vpn-router")
def test_hosts_of_two_sites_talk_through_it_and_replays_do_not_pass(lab: RouterLab, other_site: TunnelEnd) -> None:
    # The first packets ask for neighbours, and have the other site's program load its ciphers.
    await_condition(
        "the sites talk", lambda: answered_pings(lab.endpoint(0), OTHER_SITE, "-I", INSIDE) == PINGS, seconds=60
    )
    before = {name: lab.handler("mh2", GATEWAY, name) for name in ("refused.count", "decrypt.replayed")}
    assert answered_pings(lab.endpoint(0), OTHER_SITE, "-I", "10.0.5.1") == 0
    other_site.tell("replay 20")
    await_condition(
        "replays are counted",
        lambda: lab.handler("mh2", GATEWAY, "decrypt.replayed") == before["decrypt.replayed"] + 20,
    )
    assert lab.handler("mh2", GATEWAY, "refused.count") == before["refused.count"] + PINGS


def test_new_keys_take_over_and_no_packet_is_lost(
    lab: RouterLab, tmp_path: Path, other_site: TunnelEnd, figure: Callable[[str], None]
) -> None:
    dropped = [f"{name}.drops" for name in ("encrypt", "decrypt", "to_inside", "to_outside")]
    before = [lab.handler("mh2", GATEWAY, name) for name in dropped]
    host = TunnelEnd(lab, 0, "inside")
    try:
        assert host.ask("count") == 0, "it listens"
        for end in (host, other_site):
            end.tell(f"send {RATE}")
        deploy_tunnel(lab, tmp_path, NEXT_OUT, IN, NEXT_IN, part="modules")
        other_site.tell("switch")
        deploy_tunnel(lab, tmp_path, NEXT_OUT, NEXT_IN, part="purge")
        there, back = host.ask("rest"), other_site.ask("rest")
        with suppress(AssertionError):  # the next ones say how many are missing
            await_condition("all have come", lambda: (other_site.ask("count"), host.ask("count")) == (there, back), 15)
        inside, outside = host.end(), other_site.end()
    finally:
        host.kill()
    figure(f"new keys: {there} and {back} packets at {inside['rate']} and {outside['rate']} packets/s meanwhile")
    assert [lab.handler("mh2", GATEWAY, name) for name in dropped] == before
    assert (outside["got"], outside["twice"], inside["got"], inside["twice"]) == (there, 0, back, 0)
    assert [spi for spi, _ in outside["came_by"]] == [OUT["spi"], NEXT_OUT["spi"]]
    assert [spi for spi, _ in outside["sent_by"]] == [IN["spi"], NEXT_IN["spi"]]


def test_removal_of_the_tunnel_leaves_nothing(lab: RouterLab) -> None:
    lab.play("remove", allocation=str(TUNNEL))
    assert {name: lab.traces(name) for name in ("sw1", "mh1", "mh2")} == {"sw1": [], "mh1": [], "mh2": []}


# ---- The same lab, with an intrusion detection system at the port


WATCHED = ROOT / "examples" / "watched-router" / "allocation.xml"
WATCH = "watched-pm10"


def reports(lab: RouterLab) -> list[str]:
    """What the module has written to its log about packets."""
    log = lab.machine("mh1").run("journalctl", "--unit", f"flowstream-pm@{WATCH}", "--output=cat")
    return [line for line in log.splitlines() if line.startswith(("alert", "drop"))]


@pytest.mark.deploys("watched-router")
def test_a_watched_router_is_deployed_and_ordinary_pages_raise_no_alert(lab: RouterLab, tmp_path: Path) -> None:
    lab.play("deploy", allocation=str(WATCHED))
    assert WATCH in lab.modules("mh1")
    # Endpoints know their gateways' addresses of what was there before, and ask again when nobody answers to those.
    await_condition("the ports talk", lambda: lab.pings(0, "192.168.6.1"), seconds=60)
    with web_server(lab.endpoint(1), "192.168.6.1", 8080, tmp_path):
        assert fetches(lab.endpoint(0), "192.168.6.1", 8080)
    assert reports(lab) == []
    assert set(lab.play("deploy", allocation=str(WATCHED)).changed) <= {"localhost"}


def test_a_page_that_raises_an_alert_comes_and_the_log_names_the_rule_and_the_flow(
    lab: RouterLab, tmp_path: Path
) -> None:
    before = lab.handler("mh1", WATCH, "alerted.count")
    with web_server(lab.endpoint(1), "192.168.6.1", 8080, tmp_path):
        argv = ["curl", "--silent", "--noproxy", "*", "--max-time", "5", "--write-out", "%{http_code} %{local_port}"]
        code, port = lab.endpoint(0).run(*argv, "--output", "/dev/null", "http://192.168.6.1:8080/admin").split()
    assert code == "404"
    assert reports(lab) == [f"alert0: 1000002: TCP 192.168.5.1.{port} > 192.168.6.1.8080"]
    assert lab.handler("mh1", WATCH, "alerted.count") == before + 1


def test_what_a_rule_drops_comes_in_neither_direction(lab: RouterLab, tmp_path: Path) -> None:
    inside, outside = lab.endpoint(0), lab.endpoint(1)
    with web_server(outside, "192.168.6.1", 8080, tmp_path):
        address = "http://192.168.6.1:8080/there/../index.html"
        argv = ["curl", "--silent", "--noproxy", "*", "--max-time", "2", "--path-as-is", address]
        assert (inside.ask(*argv).returncode, inside.ask(*argv[:-2], address).returncode) == (28, 0)
    with web_server(inside, "192.168.5.1", 8080, tmp_path):
        assert fetches(outside, "192.168.5.1", 8080)
        (tmp_path / "site-192.168.5.1-8080" / "index.html").write_bytes(b"TOP SECRET\r\n")
        argv = ["curl", "--silent", "--noproxy", "*", "--max-time", "2", "http://192.168.5.1:8080/index.html"]
        done = outside.ask(*argv)
        assert (done.returncode, done.stdout) == (28, "")
    dropped = [line.split(":")[1].strip() for line in reports(lab) if line.startswith("drop")]
    assert set(dropped) == {"1000003", "1000004"}
    # Both were sent again by TCP, and found again.
    assert lab.handler("mh1", WATCH, "dropped.count") >= len(dropped) >= 4


def test_removal_of_the_watched_router_leaves_nothing(lab: RouterLab) -> None:
    lab.play("remove", allocation=str(WATCHED))
    assert {name: lab.traces(name) for name in ("sw1", "mh1", "mh2")} == {"sw1": [], "mh1": [], "mh2": []}


# ---- The same lab, with devices that are not ours


DEVICES = ROOT / "examples" / "through-devices" / "allocation.xml"
BFD = 1000
"""Milliseconds between two packets by which the switch sees whether a device passes anything on."""
REFUSED = 53
"""A UDP port that device ids1, at port 1, is there to refuse."""
DNS = f"udp dport {REFUSED} counter name refused drop"


@pytest.fixture(scope="module")
def devices(lab: RouterLab) -> dict[str, NftDevice]:
    return {name: NftDevice(lab, name, DNS) for name in ("ids1", "ids2")}


def come_out(lab: RouterLab, entry: int, frames: list[str]) -> list[set[int]]:
    """The ports by which each frame leaves that enters by one."""
    endpoints = [{"name": f"ep{n}", "namespace": lab.endpoint(n).name, "interface": "eth0"} for n in range(4)]
    asked = {"frames": frames, "sender": f"ep{entry}", "endpoints": endpoints, "count": 1}
    captured = yaml.safe_load(lab.module("localhost", "packet_probe", **asked).output.partition("=>")[2])["captured"]
    return [{n for n in range(4) if captured[f"ep{n}"][number]} for number in range(len(frames))]


@pytest.mark.deploys("through-devices")
def test_what_passes_a_device_comes_out_as_planned_and_what_it_refuses_nowhere(
    lab: RouterLab, devices: dict[str, NftDevice]
) -> None:
    lab.play("deploy", allocation=str(DEVICES), device_bfd_interval=BFD)
    # Endpoints know their gateways' addresses of the tunnel, and ask again when nobody answers to those.
    ways = {0: (6, 7), 1: (5, 7), 2: (5, 6)}
    addresses = [
        (entry, f"{net}.{out}.1") for entry, outs in ways.items() for out in outs for net in ("192.168", "10.0")
    ]
    await_condition("all talk to all", lambda: all(lab.pings(*one) for one in addresses), seconds=60)
    plan = Plan.from_json((lab.build / "guarded" / "plan.json").read_text())
    for entry in (0, 1, 2):
        mac, choose, frames, expected = plan.ports[entry].mac, random.Random(entry), list[str](), list[set[int]]()
        for number in range(100):
            net, protocol = choose.choice(["192.168", "10.0"]), choose.choice(["tcp", "udp"])
            out, port = choose.choice(sorted({0, 1, 2, 9} - {entry})), choose.choice([REFUSED, 80, 123])
            text = f"ip src {net}.{5 + entry}.1 dst {net}.{5 + out}.1 {protocol} sport {1024 + number} dport {port}"
            frames.append(TracedPacket.parse(text).frame("06:00:00:00:00:01", mac, number).hex())
            refused = protocol == "udp" and port == REFUSED and {entry, out} & {1, 2}
            expected.append(set() if refused or out == 9 else {out})
        assert come_out(lab, entry, frames) == expected
    assert {name: device.count("tagged") for name, device in devices.items()} == {"ids1": 0, "ids2": 0}
    assert all(device.count("refused") for device in devices.values())
    assert set(lab.play("deploy", allocation=str(DEVICES), device_bfd_interval=BFD).changed) <= {"localhost"}


def test_packets_go_past_a_silent_device_that_has_its_links_and_not_past_one_that_is_there_to_block(
    lab: RouterLab, devices: dict[str, NftDevice]
) -> None:
    for device in devices.values():
        device.refuse(SILENT)
    await_condition("packets go past ids1", lambda: lab.pings(0, "192.168.6.1"))
    assert lab.pings(0, "192.168.6.1", 20)
    assert answered_pings(lab.endpoint(0), "192.168.7.1") == 0
    for device in devices.values():
        device.refuse(DNS)
    await_condition("packets pass ids2 again", lambda: lab.pings(0, "192.168.7.1"))
    passed = devices["ids1"].count("passed")
    await_condition(
        "packets pass ids1 again",
        lambda: lab.pings(0, "192.168.6.1", 20) and devices["ids1"].count("passed") >= passed + 40,
    )


@pytest.mark.parametrize("side", ["outside", "inside"])
def test_packets_go_past_a_device_without_a_link_and_through_it_again_when_it_is_back(
    lab: RouterLab, devices: dict[str, NftDevice], side: str
) -> None:
    ids1 = devices["ids1"]
    ids1.unplug(side)
    await_condition("packets go past it", lambda: lab.pings(0, "192.168.6.1"))
    passed = ids1.count("passed")
    assert lab.pings(0, "192.168.6.1", 20)
    assert lab.pings(1, "10.0.5.1", 20)
    assert ids1.count("passed") == passed
    ids1.plug(side)
    await_condition("packets pass it", lambda: lab.pings(0, "192.168.6.1") and ids1.count("passed") >= passed + 6)


@pytest.mark.parametrize("side", ["outside", "inside"])
def test_nothing_goes_past_a_device_that_is_there_to_block(
    lab: RouterLab, devices: dict[str, NftDevice], side: str
) -> None:
    assert lab.pings(0, "192.168.7.1")
    devices["ids2"].unplug(side)
    assert answered_pings(lab.endpoint(0), "192.168.7.1") == answered_pings(lab.endpoint(2), "192.168.5.1") == 0
    assert lab.pings(0, "192.168.6.1")
    devices["ids2"].plug(side)
    await_condition("packets pass it again", lambda: lab.pings(0, "192.168.7.1"))


def test_removal_of_what_devices_carried_leaves_nothing(lab: RouterLab) -> None:
    lab.play("remove", allocation=str(DEVICES))
    assert {name: lab.traces(name) for name in ("sw1", "mh1", "mh2")} == {"sw1": [], "mh1": [], "mh2": []}
    groups = lab.machine("sw1").run("ovs-ofctl", "--protocols=OpenFlow13", "dump-groups", "br-flow")
    assert "group_id" not in groups

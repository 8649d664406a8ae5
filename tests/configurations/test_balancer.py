# SPDX-License-Identifier: Apache-2.0
"""The balancer of connections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from scapy.layers.inet import ICMP, IP, TCP, UDP, IPerror, TCPerror
from scapy.layers.l2 import Ether
from scapy.packet import Packet, Raw

from .played_devices import EXAMPLES, Played, is_at, packets_of, play

ADDRESS, FRONT_MAC = "203.0.113.10", "02:00:00:00:01:01"
GATEWAY, GATEWAY_MAC = "203.0.113.1", "02:00:00:00:01:fe"
BACK, BACK_MAC = "10.0.0.1", "02:00:00:00:02:01"
SERVERS = {f"10.0.0.{last}": f"02:00:00:00:02:{last}" for last in (11, 12, 13, 14)}
CLIENTS = [f"198.51.100.{last}" for last in range(1, 121)]


def from_client(client: str, flags: str, **fields: int) -> Packet:
    segment = TCP(sport=5000, dport=80, flags=flags)
    for name, value in fields.items():
        segment.setfieldval(name, value)
    return Ether(src=GATEWAY_MAC, dst=FRONT_MAC) / IP(src=client, dst=ADDRESS) / segment


def from_server(server: str, packet: Packet) -> Packet:
    return Ether(src=SERVERS[server], dst=BACK_MAC) / packet


def play_balancer(
    folder: Path,
    front: Sequence[tuple[float, Packet]],
    back: Sequence[tuple[float, Packet]] = (),
    *,
    writes: Sequence[tuple[float, str]] = (),
    handlers: Sequence[str] = (),
) -> Played:
    """Play the balancer for fifty seconds; it is told by ARP where servers and the gateway are, after pings that make it ask."""
    pings = [(0.0, from_server(server, IP(src=server, dst=BACK) / ICMP(id=1))) for server in SERVERS]
    told = [(0.1, is_at(server, mac, BACK, BACK_MAC)) for server, mac in SERVERS.items()]
    ping = (0.0, Ether(src=GATEWAY_MAC, dst=FRONT_MAC) / IP(src=GATEWAY, dst=ADDRESS) / ICMP(id=1))
    arriving = {
        "eth1": [ping, (0.1, is_at(GATEWAY, GATEWAY_MAC, ADDRESS, FRONT_MAC)), *front],
        "eth2": [*pings, *told, *back],
    }
    return play(EXAMPLES / "load-balancer.click", arriving, folder, seconds=50, writes=writes, handlers=handlers)


def servers_of(frames: Sequence[Packet], flags: str) -> dict[str, str]:
    """Return the server that each client's segment with these flags was sent to."""
    chosen = {}
    for frame in packets_of(frames, TCP):
        assert frame.dst == SERVERS[frame[IP].dst]
        assert (frame[TCP].sport, frame[TCP].dport) == (5000, 8080)
        if frame[TCP].flags == flags:
            chosen[frame[IP].src] = frame[IP].dst
    return chosen


def syns(at: float, flags: str = "S") -> list[tuple[float, Packet]]:
    return [(at + 0.01 * turn, from_client(client, flags)) for turn, client in enumerate(CLIENTS)]


def test_connections_are_spread_evenly_over_the_servers(tmp_path: Path) -> None:
    chosen = servers_of(play_balancer(tmp_path, syns(1)).sent["eth2"], "S")
    assert sorted(chosen) == sorted(CLIENTS)
    counts = Counter(chosen.values())
    assert sorted(counts) == ["10.0.0.11", "10.0.0.12", "10.0.0.13"]
    assert all(abs(count - 40) < 15 for count in counts.values()), counts


def test_an_answer_comes_from_the_address_that_the_client_asked(tmp_path: Path) -> None:
    client = CLIENTS[0]
    server = servers_of(play_balancer(tmp_path, [(1, from_client(client, "S"))]).sent["eth2"], "S")[client]
    answer = from_server(server, IP(src=server, dst=client) / TCP(sport=8080, dport=5000, flags="SA"))
    played = play_balancer(tmp_path, [(1, from_client(client, "S"))], [(2, answer)])
    [back] = packets_of(played.sent["eth1"], TCP)
    assert (back.src, back.dst) == (FRONT_MAC, GATEWAY_MAC)
    assert (back[IP].src, back[TCP].sport, back[IP].dst, back[TCP].dport) == (ADDRESS, 80, client, 5000)


def test_connections_keep_their_server_while_others_come_and_go(tmp_path: Path) -> None:
    front = [*syns(1), *syns(11, "A"), *syns(21, "PA")]
    writes = [(10, "servers.add 10.0.0.14 8080"), (20, "servers.remove 10.0.0.12 8080")]
    sent = play_balancer(tmp_path, front, writes=writes).sent["eth2"]
    begun = servers_of(sent, "S")
    assert servers_of(sent, "A") == begun
    assert servers_of(sent, "PA") == begun
    assert "10.0.0.12" in begun.values()


def test_new_connections_go_elsewhere_when_a_server_left_and_to_one_that_came(tmp_path: Path) -> None:
    forget = "connections.clear"
    writes = [(10, "servers.remove 10.0.0.12 8080"), (10, forget), (20, "servers.add 10.0.0.14 8080"), (20, forget)]
    sent = play_balancer(tmp_path, [*syns(1), *syns(11, "A"), *syns(21, "PA")], writes=writes).sent["eth2"]
    three, two, other = (servers_of(sent, flags) for flags in ("S", "A", "PA"))
    assert set(two.values()) == {"10.0.0.11", "10.0.0.13"}
    assert Counter(other.values()).keys() == {"10.0.0.11", "10.0.0.13", "10.0.0.14"}
    # Consistent hashing: hardly anyone moves who need not.
    moved_early = [client for client in CLIENTS if three[client] not in ("10.0.0.12", two[client])]
    moved_late = [client for client in CLIENTS if other[client] not in ("10.0.0.14", two[client])]
    assert len(moved_early) + len(moved_late) < len(CLIENTS) / 20


def test_other_services_of_the_address_are_refused(tmp_path: Path) -> None:
    to_address = Ether(src=GATEWAY_MAC, dst=FRONT_MAC) / IP(src=CLIENTS[0], dst=ADDRESS)
    own = from_server("10.0.0.11", IP(src="10.0.0.11", dst=CLIENTS[0]) / TCP(sport=8080, dport=1, flags="A"))
    front = [(1, to_address / TCP(dport=22, flags="S")), (2, to_address / UDP(dport=80))]
    played = play_balancer(tmp_path, front, [(3, own)], handlers=["refused.count"])
    assert packets_of(played.sent["eth2"], TCP) + packets_of(played.sent["eth2"], UDP) == []
    assert packets_of(played.sent["eth1"], TCP) == []
    assert played.values["refused.count"] == "3"


def test_a_message_that_packets_are_too_big_reaches_the_server_that_sent_them(tmp_path: Path) -> None:
    client = CLIENTS[0]
    server = servers_of(play_balancer(tmp_path, [(1, from_client(client, "S"))]).sent["eth2"], "S")[client]
    quoted = IP(src=ADDRESS, dst=client, flags="DF") / TCP(sport=80, dport=5000, flags="A") / Raw(bytes(1000))
    too_big = (
        Ether(src=GATEWAY_MAC, dst=FRONT_MAC) / IP(src="192.0.2.1", dst=ADDRESS) / ICMP(type=3, code=4, nexthopmtu=900)
    )
    played = play_balancer(tmp_path, [(1, from_client(client, "S")), (2, too_big / quoted)])
    [error] = [frame for frame in packets_of(played.sent["eth2"], ICMP) if frame[ICMP].type == 3]
    assert (error[IP].src, error[IP].dst, error[ICMP].nexthopmtu) == ("192.0.2.1", server, 900)
    assert (error[IPerror].src, error[TCPerror].sport, error[IPerror].dst) == (server, 8080, client)


def test_a_ping_of_the_address_is_answered(tmp_path: Path) -> None:
    [pong] = packets_of(play_balancer(tmp_path, []).sent["eth1"], ICMP)
    assert (pong[IP].src, pong[IP].dst, pong[ICMP].type) == (ADDRESS, GATEWAY, 0)

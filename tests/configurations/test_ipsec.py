# SPDX-License-Identifier: Apache-2.0
"""ESP with scapy as the peer, which has its ciphers from OpenSSL."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.ipsec import ESP, SecurityAssociation
from scapy.layers.l2 import Ether
from scapy.packet import Packet, Raw

from .played_devices import Played, play

OUTER = IP(src="192.0.2.1", dst="192.0.2.2")
REASONS = ("unknown_spi", "truncated", "replayed", "bad_icv", "bad_padding", "bad_inner", "dummies")

RECEIVER = """
FromDevice(eth1) -> Strip(14) -> CheckIPHeader -> StripIPHeader -> u :: IPsecESPUnencap({associations})
    -> c :: Classifier(0/40%f0, 0/60%f0);
c[0] -> EtherEncap(0x0800, 2:0:0:0:0:1, 2:0:0:0:0:2) -> out :: ToDevice(eth2);
c[1] -> EtherEncap(0x86dd, 2:0:0:0:0:1, 2:0:0:0:0:2) -> out;
"""
SENDER = """
FromDevice(eth1) -> Strip(14) -> e :: IPsecESPEncap({association}) -> IPEncap(esp, 192.0.2.1, 192.0.2.2)
    -> EtherEncap(0x0800, 2:0:0:0:0:1, 2:0:0:0:0:2) -> ToDevice(eth2);
"""


@dataclass(frozen=True)
class Suite:
    """One way to encrypt, as scapy and as our elements write it."""

    algorithm: str
    key: bytes
    authentication_key: bytes = b""

    def scapy(self, spi: int) -> SecurityAssociation:
        authentication = (
            {"auth_algo": "SHA2-256-128", "auth_key": self.authentication_key} if self.authentication_key else {}
        )
        return SecurityAssociation(
            ESP, spi=spi, crypt_algo=self.algorithm, crypt_key=self.key, tunnel_header=OUTER, **authentication
        )

    def ours(self, spi: int, *more: str) -> str:
        return " ".join([hex(spi), self.key.hex(), self.authentication_key.hex() or "-", *more])


def bytes_of(seed: int, count: int) -> bytes:
    return random.Random(seed).randbytes(count)


SUITES = {
    "gcm-128": Suite("AES-GCM", bytes_of(1, 20)),
    "gcm-192": Suite("AES-GCM", bytes_of(2, 28)),
    "gcm-256": Suite("AES-GCM", bytes_of(3, 36)),
    "cbc-128": Suite("AES-CBC", bytes_of(4, 16), bytes_of(5, 32)),
    "cbc-192": Suite("AES-CBC", bytes_of(6, 24), bytes_of(7, 32)),
    "cbc-256": Suite("AES-CBC", bytes_of(8, 32), bytes_of(9, 32)),
}
GCM = SUITES["gcm-128"]
every_suite = pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)


def inner(number: int, length: int = 40) -> Packet:
    return IP(src="10.1.0.2", dst="10.2.0.3", id=number) / UDP(sport=1000, dport=2000) / Raw(bytes_of(number, length))


def packets_of_all_kinds() -> list[Packet]:
    short = [inner(length, length) for length in range(80)]
    long = [inner(length, length) for length in (500, 1000, 1372, 1399, 1400)]
    others = [
        IP(src="10.1.0.2", dst="10.2.0.3") / ICMP() / Raw(b"ping"),
        IP(src="10.1.0.2", dst="10.2.0.3", proto=99),
        IPv6(src="2001:db8::1", dst="2001:db8::2") / UDP() / Raw(b"six"),
        IPv6(src="2001:db8::1", dst="2001:db8::2", nh=59),
    ]
    return short + long + others


def frames(packets: Sequence[Packet]) -> list[tuple[float, Packet]]:
    """The packets, a millisecond apart."""
    return [
        ((at + 1) / 1000, Ether(src="02:00:00:00:00:09", dst="02:00:00:00:00:01") / packet)
        for at, packet in enumerate(packets)
    ]


def receive(
    tmp_path: Path, associations: str, packets: Sequence[Packet], writes: Sequence[tuple[float, str]] = ()
) -> Played:
    configuration = tmp_path / "receiver.click"
    configuration.write_text(RECEIVER.format(associations=associations))
    played = play(
        configuration,
        {"eth1": frames(packets), "eth2": []},
        tmp_path,
        seconds=len(packets) / 1000 + 1,
        handlers=["u.count", "u.drops", *(f"u.{reason}" for reason in REASONS)],
        writes=writes,
    )
    drops = [int(played.values[f"u.{reason}"]) for reason in REASONS]
    assert int(played.values["u.drops"]) == sum(drops)
    assert int(played.values["u.count"]) == len(played.sent["eth2"])
    return played


def dropped(played: Played) -> dict[str, int]:
    """Return what was dropped, by reason."""
    counts = {reason: int(played.values[f"u.{reason}"]) for reason in REASONS}
    return {reason: count for reason, count in counts.items() if count}


def without_ethernet(played: Played) -> list[bytes]:
    return [bytes(frame)[14:] for frame in played.sent["eth2"]]


@every_suite
def test_what_scapy_encrypts_comes_out_as_it_was(suite: Suite, tmp_path: Path) -> None:
    peer = suite.scapy(0x1001)
    packets = packets_of_all_kinds()
    played = receive(tmp_path, suite.ours(0x1001), [peer.encrypt(packet) for packet in packets])
    assert without_ethernet(played) == [bytes(packet) for packet in packets]
    assert not dropped(played)


@every_suite
def test_what_leaves_is_what_scapy_decrypts(suite: Suite, tmp_path: Path) -> None:
    configuration = tmp_path / "sender.click"
    configuration.write_text(SENDER.format(association=suite.ours(0x1001)))
    packets = packets_of_all_kinds()
    played = play(configuration, {"eth1": frames(packets), "eth2": []}, tmp_path, seconds=1, handlers=["e.count"])
    sent = [frame[IP] for frame in played.sent["eth2"]]
    assert played.values["e.count"] == str(len(packets))
    assert [packet[ESP].seq for packet in sent] == list(range(1, len(packets) + 1))
    iv_length = 8 if suite.algorithm == "AES-GCM" else 16
    assert len({packet[ESP].data[:iv_length] for packet in sent}) == len(packets)
    peer = suite.scapy(0x1001)
    assert [bytes(peer.decrypt(packet)) for packet in sent] == [bytes(packet) for packet in packets]


@pytest.mark.parametrize("suite", [GCM, SUITES["cbc-128"]], ids=["gcm", "cbc"])
def test_extended_sequence_numbers_cross_32_bits_in_both_directions(suite: Suite, tmp_path: Path) -> None:
    packets = [inner(number) for number in range(6)]
    peer = suite.scapy(0x1001)
    first = 2**32 - 3
    numbers = [number for number in range(first, first + 7) if number != 2**32]  # scapy has no packet of number 0
    sealed = [
        peer.encrypt(packet, seq_num=number % 2**32, esn_en=True, esn=number >> 32)
        for packet, number in zip(packets, numbers, strict=True)
    ]
    late = [sealed[0], *sealed[2:], sealed[1], sealed[2]]
    played = receive(tmp_path, suite.ours(0x1001, str(first - 1), "64", "ESN"), late)
    assert without_ethernet(played) == [bytes(packets[i]) for i in (0, 2, 3, 4, 5, 1)]
    assert dropped(played) == {"replayed": 1}

    configuration = tmp_path / "sender.click"
    configuration.write_text(SENDER.format(association=suite.ours(0x1001, str(first - 1), "ESN")))
    played = play(configuration, {"eth1": frames(packets), "eth2": []}, tmp_path, seconds=1)
    sent = [frame[IP] for frame in played.sent["eth2"]]
    numbers = list(range(first, first + len(packets)))
    assert [packet[ESP].seq for packet in sent] == [number % 2**32 for number in numbers]
    opened = [peer.decrypt(packet, esn_en=True, esn=number >> 32) for packet, number in zip(sent, numbers, strict=True)]
    assert [bytes(packet) for packet in opened] == [bytes(packet) for packet in packets]


@pytest.mark.parametrize("window", [64, 100, 1024, 4096])
def test_the_window_ends_where_it_says_and_takes_each_number_once(window: int, tmp_path: Path) -> None:
    peer = GCM.scapy(0x1001)
    last = 10_000
    numbers = [last, last - window, last - window + 1, last - window + 1, last - 1, last, last + 1, last - window + 1]
    numbers += [last + 1 - window, last + 2 - window, 1, 0]
    packets = [peer.encrypt(inner(number), seq_num=number) for number in numbers]
    played = receive(tmp_path, GCM.ours(0x1001, "0", str(window)), packets)
    accepted = [last, last - window + 1, last - 1, last + 1, last + 2 - window]
    assert without_ethernet(played) == [bytes(inner(number)) for number in accepted]
    assert dropped(played) == {"replayed": len(numbers) - len(accepted)}


@every_suite
def test_a_forged_packet_does_not_move_the_window(suite: Suite, tmp_path: Path) -> None:
    peer = suite.scapy(0x1001)
    good = peer.encrypt(inner(1), seq_num=1)
    forged = good.copy()
    forged[ESP].seq = 1_000_000
    played = receive(tmp_path, suite.ours(0x1001), [forged, good])
    assert without_ethernet(played) == [bytes(inner(1))]
    assert dropped(played) == {"bad_icv": 1}


@every_suite
def test_nothing_hostile_comes_out(suite: Suite, tmp_path: Path) -> None:
    chance = random.Random(7)
    sealed = bytes(suite.scapy(0x1001).encrypt(inner(1), seq_num=9))
    payload = sealed[20:]
    packets = [payload[:length] for length in range(len(payload))]
    packets += [payload + bytes(count) for count in range(1, 40)]
    for _ in range(300):
        broken = bytearray(payload)
        broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        packets.append(bytes(broken))
    packets += [bytes.fromhex("00001001") + chance.randbytes(chance.randrange(1400)) for _ in range(300)]
    played = receive(tmp_path, suite.ours(0x1001), [OUTER.copy() / Raw(packet) for packet in packets])
    assert not played.sent["eth2"]
    assert int(played.values["u.drops"]) >= len(packets) - 1  # IP itself refuses what has no payload


def test_keys_change_under_traffic_and_no_packet_is_lost(tmp_path: Path) -> None:
    suites = list(SUITES.values())
    spis = range(0x1001, 0x1001 + 10)
    of = {spi: suites[spi % len(suites)] for spi in spis}
    configuration = tmp_path / "both.click"
    # Between the two ends packets are under way for as long as 300 ms: an association is removed a second after the next came.
    configuration.write_text(
        f"""
        source :: TimedSource(0.001, \\<{bytes(inner(1)).hex()}>) -> sent :: Counter
            -> e :: IPsecESPEncap({of[spis[0]].ours(spis[0])}) -> IPEncap(esp, 192.0.2.1, 192.0.2.2)
            -> Queue(1000) -> DelayUnqueue(300ms)
            -> CheckIPHeader -> StripIPHeader
            -> u :: IPsecESPUnencap({of[spis[0]].ours(spis[0])}) -> received :: Counter -> Discard;
        """
    )
    writes = []
    for at, (old, new) in enumerate(pairwise(spis), start=1):
        writes += [
            (2 * at, f"u.add {of[new].ours(new)}"),
            (2 * at + 0.1, f"e.sa {of[new].ours(new)}"),
            (2 * at + 1.1, f"u.remove {old}"),
        ]
    played = play(
        configuration,
        {},
        tmp_path,
        seconds=24,
        handlers=["sent.count", "received.count", "e.drops", "u.drops", "e.sa", "u.table"],
        writes=[*writes, (22.5, "source.active false")],
    )
    sent = int(played.values["sent.count"])
    assert sent > 22_000
    assert played.values["received.count"] == str(sent)
    assert (played.values["e.drops"], played.values["u.drops"]) == ("0", "0")
    assert played.values["e.sa"].startswith(f"0x{spis[-1]:08x} ")
    assert played.values["u.table"].startswith(f"0x{spis[-1]:08x} ")

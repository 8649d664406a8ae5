# SPDX-License-Identifier: Apache-2.0
"""Random flow tables, groups and packets, as text, that a switch takes: everything that the proof can follow."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from ansible.module_utils.flowstream.flows.flow import Flow, Group

PORTS = (1, 2, 3, 4, 5)
TABLES = 4
MACS = [f"02:00:00:00:00:{n:02x}" for n in range(1, 5)]
V4 = ["10.0.0.1", "10.0.0.2", "10.0.1.1", "10.1.0.1", "192.0.2.1"]
V6 = ["2001:db8::1", "2001:db8::2", "2001:db8:1::1", "2001:db8:8000::1"]
VLANS = (5, 6)
L4 = (80, 81, 443)
KINDS = ("eth", "ip", "tcp", "udp", "icmp", "ipv6", "tcp6", "udp6", "arp")
TYPES = {"eth": "0x88b5", "ip": "0x0800", "tcp": "0x0800", "udp": "0x0800", "icmp": "0x0800", "ipv6": "0x86dd",
         "tcp6": "0x86dd", "udp6": "0x86dd", "arp": "0x0806"}  # fmt: skip
PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1, "tcp6": 6, "udp6": 17, "ip": 47, "ipv6": 47}


@dataclass(frozen=True)
class Tables:
    """What one switch has."""

    flows: tuple[Flow, ...]
    groups: tuple[Group, ...]


def prefix(random: Random, address: str) -> str:
    longest = 128 if ":" in address else 32
    return f"{address}/{random.choice((8, 16, 17, 24, 31, longest // 2, longest, longest))}"


def header(random: Random, kind: str) -> list[str]:
    """What may be asked of a kind of packet."""
    words = [
        f"dl_src={random.choice(MACS)}",
        "dl_dst=01:00:00:00:00:00/01:00:00:00:00:00",
        f"dl_dst={random.choice(MACS)}",
    ]
    if kind in ("ip", "tcp", "udp", "icmp"):
        words += [f"nw_src={prefix(random, random.choice(V4))}", f"nw_dst={prefix(random, random.choice(V4))}"]
        words += ["nw_dst=10.0.0.1/255.0.0.255"]
    if kind in ("ipv6", "tcp6", "udp6"):
        words += [f"ipv6_src={prefix(random, random.choice(V6))}", f"ipv6_dst={prefix(random, random.choice(V6))}"]
    if kind not in ("eth", "arp"):
        words += [f"nw_tos={random.choice((0, 16, 184))}", f"nw_ecn={random.randrange(4)}"]
    if kind[:3] in ("tcp", "udp"):
        words += [f"tp_src={random.choice(L4)}", f"tp_dst={random.choice(L4)}", "tp_dst=0x50/0xfffe"]
    if kind == "icmp":
        words += [f"icmp_type={random.choice((0, 8))}", "icmp_code=0"]
    if kind == "arp":
        words += [f"arp_op={random.choice((1, 2))}", f"arp_tpa={prefix(random, random.choice(V4))}"]
        words += [f"arp_spa={random.choice(V4)}", f"arp_sha={random.choice(MACS)}"]
    return words


def match(random: Random, table: int) -> tuple[str, str | None, bool | None]:
    """A match as text, with the kind of packet that it is for and whether it has a tag (None: not said)."""
    kind = random.choice((None, None, None, *KINDS))
    words = [f"in_port={random.choice(PORTS)}"]
    words += [
        random.choice((f"reg0={random.choice((0, 1, 2))}", "reg0=0x1/0x1", "metadata=0x10/0xf0", "metadata=0x15"))
    ]
    tagged = random.choice((None, None, None, False, True))
    if tagged:
        words.append(
            random.choice(("vlan_tci=0x1000/0x1000", f"dl_vlan={random.choice(VLANS)}", "dl_vlan=5,dl_vlan_pcp=3"))
        )
    asked = random.sample(header(random, kind or "eth"), random.choice((0, 0, 0, 1, 1, 2)))
    asked = [word for at, word in enumerate(asked) if word.split("=")[0] not in [w.split("=")[0] for w in asked[:at]]]
    rest = [words[0]] if random.random() < 0.25 else []
    if table and random.random() < 0.5:
        rest.append(words[1])
    rest += words[2:] + (["vlan_tci=0x0000/0x1fff"] if tagged is False else [])
    if kind:
        rest.append("dl_type=0x88b5" if kind == "eth" else kind)
    return ",".join(rest + asked), kind, tagged


def changes(random: Random, kind: str | None, tagged: bool | None) -> list[str]:
    """Writes that a switch lets a flow do whose match says so much of its packets."""
    texts = [
        f"set_field:{random.choice(MACS)}->eth_src",
        f"set_field:{random.choice(MACS)}->eth_dst",
        "set_field:02:00:00:00:00:00/ff:00:00:00:00:00->eth_dst",
        f"set_field:{random.randrange(4)}->reg0",
        "set_field:0x1/0x1->reg0",
        "set_field:0x15->metadata",
        f"set_field:{random.choice(PORTS)}->in_port",
        "multipath(symmetric_l3,0,modulo_n,3,0,NXM_NX_REG0[0..15])",
    ]
    if kind in ("ip", "tcp", "udp", "icmp"):
        texts += [f"set_field:{random.choice(V4)}->ip_src", f"set_field:{random.choice(V4)}->ip_dst", "dec_ttl"]
    if kind in ("ipv6", "tcp6", "udp6"):
        texts += [f"set_field:{random.choice(V6)}->ipv6_dst", "dec_ttl"]
    if kind and kind not in ("eth", "arp"):
        texts += [f"set_field:{random.choice((0, 4, 46))}->ip_dscp", "set_field:1->nw_ecn", "set_field:9->nw_ttl"]
    if kind and kind[:3] in ("tcp", "udp"):
        texts += [f"set_field:{random.choice(L4)}->{kind[:3]}_dst", f"set_field:{random.choice(L4)}->{kind[:3]}_src"]
    if kind == "arp":
        texts += [f"set_field:{random.choice(V4)}->arp_tpa"]
    if tagged:
        texts += [f"set_field:{0x1000 | random.choice(VLANS)}->vlan_vid", f"set_field:{random.randrange(8)}->vlan_pcp"]
    return texts


def output(random: Random) -> str:
    return random.choice((*(f"output:{port}" for port in PORTS), "IN_PORT"))


def actions(random: Random, table: int, kind: str | None, tagged: bool | None, groups: int) -> str:
    """A list of actions; what follows a tag that was taken off or put on knows it."""
    done = []
    for _ in range(random.randrange(1, 6)):
        what = random.random()
        if what < 0.4:
            done.append(random.choice(changes(random, kind, tagged)))
        elif what < 0.65:
            done.append(output(random))
        elif what < 0.75 and tagged is False:
            done += ["push_vlan:0x8100", f"set_field:{0x1000 | random.choice(VLANS)}->vlan_vid"]
            tagged = True
        elif what < 0.75 and tagged:
            done.append("pop_vlan")
            tagged = False
        elif what < 0.85 and table + 1 < TABLES:
            done.append(random.choice((f"resubmit(,{table + 1})", f"resubmit({random.choice(PORTS)},{table + 1})")))
        elif groups:
            done.append(f"group:{random.randint(1, groups)}")
    if table + 1 < TABLES and random.random() < 0.5:
        done += random.choice(([], ["write_metadata:0x15"], ["write_metadata:0x10/0xf0"]))
        done.append(f"goto_table:{random.randrange(table + 1, TABLES)}")
    return ",".join(done) or "drop"


def bucket(random: Random, kind: str, lower: int) -> str:
    """A bucket of a group; it may lead to a group of a lower number."""
    words = []
    if kind == "select" and random.random() < 0.5:
        words.append(f"weight:{random.choice((1, 5))}")
    if kind == "fast_failover":
        words.append(f"watch_port:{random.choice(PORTS)}")
    last = random.choice([output(random), *([f"group:{random.randint(1, lower)}"] if lower else [])])
    before = random.choice(([], [random.choice(changes(random, None, None)[:3])]))
    return ",".join([*words, "actions=" + ",".join([*before, last])])


def tables(random: Random) -> Tables:
    """Some entries in each of some tables; no two of one priority, so that a switch has no choice but in groups."""
    groups = []
    for number in range(1, random.randrange(1, 4)):
        kind = random.choice(("all", "select", "fast_failover", "indirect"))
        count = 1 if kind == "indirect" else random.randint(1, 3)
        buckets = [f"bucket={bucket(random, kind, number - 1)}" for _ in range(count)]
        groups.append(Group.parse(",".join([f"group_id={number}", f"type={kind}", *buckets])))
    flows = []
    for table in range(TABLES):
        for priority in range(random.randint(2, 9)):
            text, kind, tagged = match(random, table)
            done = actions(random, table, kind, tagged, len(groups))
            flows.append(Flow.parse(f"table={table},priority={priority + 1},{text} actions={done}"))
    return Tables(tuple(flows), tuple(groups))


def packet(random: Random) -> dict[str, str]:
    """A packet as field and value, in the words of `ovs-appctl ofproto/trace`."""
    kind = random.choice(KINDS)
    found = {
        "in_port": str(random.choice(PORTS)),
        "dl_src": random.choice(MACS),
        "dl_dst": random.choice([*MACS, "ff:ff:ff:ff:ff:ff"]),
        "dl_type": TYPES[kind],
    }
    if random.random() < 0.4:
        found["vlan_tci"] = f"{0x1000 | random.choice((0, 3)) << 13 | random.choice((*VLANS, 7)):#06x}"
    if kind == "arp":
        return found | {"arp_op": str(random.choice((1, 2))), "arp_spa": random.choice(V4), "arp_tpa": random.choice(V4),
                        "arp_sha": random.choice(MACS), "arp_tha": random.choice(MACS)}  # fmt: skip
    if kind != "eth":
        addresses, name = (V6, "ipv6") if "6" in kind else (V4, "nw")
        found |= {f"{name}_src": random.choice(addresses), f"{name}_dst": random.choice(addresses)}
        found |= {"nw_proto": str(PROTOCOLS[kind]), "nw_tos": str(random.choice((0, 16, 184)))}
        found |= {"nw_ecn": str(random.randrange(4)), "nw_ttl": str(random.choice((1, 2, 64)))}
    if kind[:3] in ("tcp", "udp"):
        found |= {"tp_src": str(random.choice(L4)), "tp_dst": str(random.choice(L4))}
    if kind == "icmp":
        found |= {"icmp_type": str(random.choice((0, 8))), "icmp_code": "0"}
    return found

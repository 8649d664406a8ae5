# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

from ansible.module_utils.flowstream.xen.domain import Domain, DomainVif, Owner, restart_reasons
from ansible.module_utils.flowstream.xen.libvirt_xml import domain_xml, parse_domain
from ansible.module_utils.flowstream.xen.xl_text import parse_running, parse_states, parse_xl_config, xl_config
from lxml import etree

from ..conftest import messages

SCHEMA = "/usr/share/libvirt/schemas/domain.rng"

PLAIN = Domain("d1", "pvh", "/k", 8192)
FULL = Domain(
    name="felipeiprouter-pm0",
    kind="pv",
    kernel="/var/lib/flowstream/images/clickos-0123abcd",
    ramdisk="/etc/flowstream/pm/felipeiprouter-pm0.click",
    cmdline="loglevel=info a=<b>&c",
    memory_kib=32768,
    vcpus=2,
    vifs=(
        DomainVif("pm0f1e2d3c", "br-pm", "02:00:00:00:00:01", 4711, vlan=7, rate_mbps=10, anti_spoof=True),
        DomainVif("pm0f1e2d3d", "br-pm", "02:00:00:00:00:02"),
    ),
    owner=Owner("felipeiprouter", "abc", "acme"),
)


def test_a_domain_reads_back_from_libvirts_xml_and_from_xls_file_as_it_was() -> None:
    for rate in (None, 1, 7, 10, 999, 10_000, 999_999):
        domain = replace(FULL, vifs=(replace(FULL.vifs[0], rate_mbps=rate), FULL.vifs[1]))
        assert parse_domain(domain_xml(domain)) == domain
        assert parse_xl_config(xl_config(domain), "d.cfg") == domain
    for kind in ("pvh", "pv"):
        assert parse_domain(domain_xml(replace(PLAIN, kind=kind))) == replace(PLAIN, kind=kind)
        assert parse_xl_config(xl_config(replace(PLAIN, kind=kind)), "d.cfg") == replace(PLAIN, kind=kind)
    assert Domain.from_dict(FULL.to_dict()) == FULL
    assert Domain.from_dict(PLAIN.to_dict()) == PLAIN


def test_libvirts_own_schema_takes_the_xml() -> None:
    schema = etree.RelaxNG(file=SCHEMA)
    for domain in (PLAIN, FULL, replace(FULL, kind="pvh")):
        schema.assertValid(etree.fromstring(domain_xml(domain)))


# What libvirt 9.0 answered on Xen 4.17 about a running domain.
LIVE = """<domain type='xen' id='1'>
  <name>e1</name>
  <uuid>37860a68-d3fc-419b-ac81-c22be055674c</uuid>
  <metadata>
    <fs:domain xmlns:fs="urn:flowstream:domain:1" allocation="x" digest="abc"><fs:port device="pm0" ofport="9"/></fs:domain>
  </metadata>
  <memory unit='KiB'>8192</memory>
  <currentMemory unit='KiB'>8192</currentMemory>
  <vcpu placement='static'>1</vcpu>
  <os>
    <type arch='x86_64' machine='xenpvh'>xenpvh</type>
    <kernel>/root/clickos</kernel>
    <initrd>/root/r.click</initrd>
    <cmdline>a b</cmdline>
  </os>
  <clock offset='utc'/>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>restart</on_crash>
  <devices>
    <controller type='xenbus' index='0'/>
    <interface type='bridge'>
      <mac address='02:00:00:00:00:01'/>
      <source bridge='br-pm'/>
      <vlan>
        <tag id='7'/>
      </vlan>
      <virtualport type='openvswitch'>
        <parameters interfaceid='f494dc84-4e06-4338-8528-fea575f08edb'/>
      </virtualport>
      <bandwidth>
        <outbound average='1221'/>
      </bandwidth>
      <script path='vif-flowstream'/>
      <target dev='pm0'/>
    </interface>
    <console type='pty' tty='/dev/pts/0'>
      <source path='/dev/pts/0'/>
      <target type='xen' port='0'/>
    </console>
    <input type='mouse' bus='xen'/>
    <input type='keyboard' bus='xen'/>
    <memballoon model='xen'/>
  </devices>
</domain>
"""
E1 = Domain(
    name="e1",
    kind="pvh",
    kernel="/root/clickos",
    ramdisk="/root/r.click",
    cmdline="a b",
    memory_kib=8192,
    vifs=(DomainVif("pm0", "br-pm", "02:00:00:00:00:01", 9, vlan=7, rate_mbps=10),),
    owner=Owner("x", "abc"),
)

# What xl 4.17 answered about it, less what nobody reads.
LISTED = """[
    {
        "domid": 1,
        "config": {
            "c_info": {"type": "pvh", "name": "e1", "uuid": "37860a68-d3fc-419b-ac81-c22be055674c"},
            "b_info": {
                "max_vcpus": 1,
                "avail_vcpus": [0],
                "max_memkb": 8192,
                "target_memkb": 8192,
                "shadow_memkb": 1088,
                "kernel": "/root/clickos",
                "cmdline": "a b",
                "ramdisk": "/root/r.click",
                "type.pvh": {}
            },
            "nics": [
                {
                    "devid": 0,
                    "mac": "02:00:00:00:00:01",
                    "bridge": "br-pm.7",
                    "ifname": "pm0",
                    "script": "vif-flowstream",
                    "nictype": "vif",
                    "rate_bytes_per_interval": 62515,
                    "rate_interval_usecs": 50000
                }
            ],
            "on_reboot": "restart",
            "on_crash": "restart"
        }
    },
    {"domid": 2, "config": {"c_info": {"type": "hvm", "name": "windows"}, "b_info": {"max_memkb": 4194304}}}
]
"""


def test_what_libvirt_adds_to_a_definition_is_not_taken_for_a_difference() -> None:
    assert parse_domain(LIVE) == E1


def test_what_xl_says_of_a_running_domain_is_the_domain_less_what_xl_has_no_word_for() -> None:
    running = parse_running(LISTED)
    assert running == {"e1": replace(E1, vifs=(replace(E1.vifs[0], ofport=None),), owner=None), "windows": None}
    assert restart_reasons(E1, running["e1"] or PLAIN) == []


def test_a_domain_that_none_of_ours_can_be_is_nobody() -> None:
    hvm = "<domain type='xen'><name>w</name><os><type machine='xenfv'>hvm</type></os></domain>"
    assert parse_domain(hvm) is None
    assert parse_domain(LIVE.replace("<target dev='pm0'/>", "<target dev='vif1.0'/>")) is None


def test_the_states_of_domains_are_read_whatever_their_names_are() -> None:
    text = (
        "Name                                        ID   Mem VCPUs\tState\tTime(s)\n"
        "Domain-0                                     0  1024     1     r-----     139.6\n"
        "e1                                           1     8     1     -b----       0.2\n"
        "a domain                                     7     8     1     --p---       0.0\n"
    )
    assert parse_states(text) == {"e1": (1, "running"), "a domain": (7, "paused")}


def test_everything_that_is_wrong_with_a_domain_is_said_at_once() -> None:
    vifs = (
        DomainVif("vif1.0", "br pm", "01:00:00:00:00:01", ofport=0, vlan=4095, rate_mbps=0),
        DomainVif("a", "b", "02:00:00:00:00:01"),
        DomainVif("a", "b", "02:00:00:00:00:02"),
    )
    said = messages(lambda: Domain("d 1", "hvm", "k", 8000, ramdisk='/a"b', cmdline="a'b", vcpus=0, vifs=vifs))
    assert said == [
        "domain d 1: name is not a valid name of a domain, got 'd 1'; use letters, digits and _.+-",
        "domain d 1: kind is unknown, got 'hvm'; use pvh or pv",
        "domain d 1: kernel is no absolute path without quotes, got 'k'; name a file of dom0",
        "domain d 1: ramdisk is no absolute path without quotes, got '/a\"b'; name a file of dom0",
        'domain d 1: cmdline has quotes or control characters, got "a\'b"; write it without',
        "domain d 1: memory_kib is no whole number of MiB, got 8000; use 1024 times as many MiB",
        "domain d 1: vcpus is outside 1..128, got 0; correct it",
        "domain d 1: vif 0: device begins as Xen's own names do, got vif1.0; begin it otherwise than with vif",
        "domain d 1: vif 0: bridge is not a valid name of a bridge, got 'br pm'; use up to 15 letters, digits, _ and -",
        "domain d 1: vif 0: mac is not a unicast address in lower-case digits, got '01:00:00:00:00:01';"
        " write 02:00:00:00:00:01",
        "domain d 1: vif 0: ofport is outside 1..65279, got 0; correct it",
        "domain d 1: vif 0: vlan is outside 1..4094, got 4095; correct it",
        "domain d 1: vif 0: rate_mbps is outside 1..1000000, got 0; correct it",
        "domain d 1: vif 2: device is that of another vif, got a; choose another",
    ]


def test_a_file_that_is_not_ours_is_refused_with_its_line() -> None:
    assert messages(lambda: parse_xl_config("import os\n", "/etc/xen/flowstream/a.cfg")) == [
        "/etc/xen/flowstream/a.cfg:1: is no statement of ours, got 'import os'; remove the file"
    ]
    assert messages(lambda: parse_xl_config("", "a.cfg")) == ["cannot read a.cfg: 'name'; remove the file"]


def test_a_restart_is_needed_for_what_a_running_domain_cannot_take() -> None:
    vif = FULL.vifs[0]
    assert restart_reasons(replace(FULL, memory_kib=65536, ramdisk=""), FULL) == [
        "its memory_kib is 32768, not 65536",
        "its ramdisk is /etc/flowstream/pm/felipeiprouter-pm0.click, not none",
    ]
    assert restart_reasons(replace(FULL, vifs=(replace(vif, rate_mbps=20), FULL.vifs[1])), FULL) == [
        "rate_mbps of vif 0 is 10, not 20"
    ]
    assert restart_reasons(replace(FULL, vifs=()), FULL) == ["it has 2 vifs, not 0"]
    renumbered = replace(FULL, vifs=(replace(vif, ofport=5, vlan=None), FULL.vifs[1]), owner=Owner("other"))
    assert restart_reasons(renumbered, FULL) == []

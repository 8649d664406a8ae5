# SPDX-License-Identifier: Apache-2.0
"""libvirt's spelling of a Xen domain: https://libvirt.org/formatdomain.html, written and read back.

What is read has in it what libvirt adds (an identity, a clock, devices that every domain has); only what a `Domain`
says is taken from it. What libvirt has no word for stands in the metadata: the owner, and the OpenFlow ports.
"""

from __future__ import annotations

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.xen.domain import ANTI_SPOOF_SCRIPT, Domain, DomainVif, Owner
from lxml import etree

NAMESPACE = "urn:flowstream:domain:1"
_TAGS = f"{{{NAMESPACE}}}domain"
_PORT = f"{{{NAMESPACE}}}port"
# os/type: its text and its attribute machine.
_SPELLINGS = {"pvh": ("xenpvh", "xenpvh"), "pv": ("linux", "xenpv")}
_KIND_OF_MACHINE = {machine: kind for kind, (_, machine) in _SPELLINGS.items()}
# libvirt counts a rate in 1,024 bytes a second.
_BYTES_OF_MBPS = 125_000
_UNITS_KIB = {"KiB": 1, "k": 1, "MiB": 1024, "M": 1024, "GiB": 1024 * 1024, "G": 1024 * 1024}


def domain_xml(domain: Domain, uuid: str | None = None) -> str:
    """The whole definition of a domain. One that takes the place of another has to have its UUID."""
    root = etree.Element("domain", type="xen")
    _add(root, "name", domain.name)
    if uuid is not None:
        _add(root, "uuid", uuid)
    root.append(_metadata(domain))
    _add(root, "memory", str(domain.memory_kib), unit="KiB")
    _add(root, "vcpu", str(domain.vcpus))
    system = _add(root, "os")
    text, machine = _SPELLINGS[domain.kind]
    _add(system, "type", text, arch="x86_64", machine=machine)
    for tag, value in (("kernel", domain.kernel), ("initrd", domain.ramdisk), ("cmdline", domain.cmdline)):
        if value:
            _add(system, tag, value)
    _add(root, "clock", offset="utc")
    for event, action in (("on_poweroff", "destroy"), ("on_reboot", "restart"), ("on_crash", "restart")):
        _add(root, event, action)
    devices = _add(root, "devices")
    for vif in domain.vifs:
        devices.append(_interface(vif))
    _add(_add(devices, "console", type="pty"), "target", type="xen", port="0")
    return str(etree.tostring(root, encoding="unicode", pretty_print=True))


def _add(parent: etree._Element, tag: str, text: str = "", **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, tag, attributes)
    element.text = text or None
    return element


def _metadata(domain: Domain) -> etree._Element:
    metadata = etree.Element("metadata")
    owner = domain.owner.to_dict() if domain.owner else {}
    tags = etree.SubElement(metadata, _TAGS, owner, nsmap={"flowstream": NAMESPACE})
    for vif in domain.vifs:
        if vif.ofport is not None:
            etree.SubElement(tags, _PORT, device=vif.device, ofport=str(vif.ofport))
    return metadata


def _interface(vif: DomainVif) -> etree._Element:
    interface = etree.Element("interface", type="bridge")
    _add(interface, "mac", address=vif.mac)
    _add(interface, "source", bridge=vif.bridge)
    if vif.vlan is not None:
        _add(_add(interface, "vlan"), "tag", id=str(vif.vlan))
    _add(interface, "virtualport", type="openvswitch")
    if vif.rate_mbps is not None:
        average = -(-vif.rate_mbps * _BYTES_OF_MBPS // 1024)
        _add(_add(interface, "bandwidth"), "outbound", average=str(average))
    _add(interface, "script", path=vif.script)
    _add(interface, "target", dev=vif.device)
    return interface


def parse_domain(xml: str) -> Domain | None:
    """The domain that libvirt's XML describes; None for one that no `Domain` can be, such as dom0 or an HVM guest."""
    try:
        root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise FlowstreamError(f"cannot read the definition of a domain: {error}") from error
    kind = _KIND_OF_MACHINE.get(_attribute(root, "os/type", "machine") or "")
    if kind is None or not root.findtext("os/kernel"):
        return None
    tags = root.find(f"metadata/{_TAGS}")
    ports = {} if tags is None else {port.get("device"): int(port.get("ofport", 0)) for port in tags.iterfind(_PORT)}
    try:
        return Domain(
            name=root.findtext("name") or "",
            kind=kind,
            kernel=root.findtext("os/kernel") or "",
            ramdisk=root.findtext("os/initrd") or "",
            cmdline=root.findtext("os/cmdline") or "",
            memory_kib=_memory(root),
            vcpus=int(root.findtext("vcpu") or 1),
            vifs=tuple(_parse_interface(element, ports) for element in root.iterfind("devices/interface")),
            owner=None if tags is None else Owner.from_dict({str(name): text for name, text in tags.items()}),
        )
    except FlowstreamError:
        # Somebody else's, with things that none of ours has.
        return None


def _attribute(parent: etree._Element, path: str, name: str) -> str | None:
    element = parent.find(path)
    return None if element is None else element.get(name)


def _memory(root: etree._Element) -> int:
    return int(root.findtext("memory") or 0) * _UNITS_KIB.get(_attribute(root, "memory", "unit") or "KiB", 1)


def _parse_interface(element: etree._Element, ports: dict[str | None, int]) -> DomainVif:
    device = _attribute(element, "target", "dev") or ""
    vlan = _attribute(element, "vlan/tag", "id")
    average = _attribute(element, "bandwidth/outbound", "average")
    return DomainVif(
        device=device,
        bridge=_attribute(element, "source", "bridge") or "",
        mac=_attribute(element, "mac", "address") or "",
        ofport=ports.get(device),
        vlan=None if vlan is None else int(vlan),
        rate_mbps=None if average is None else round(int(average) * 1024 / _BYTES_OF_MBPS),
        anti_spoof=_attribute(element, "script", "path") == ANTI_SPOOF_SCRIPT,
    )

// SPDX-License-Identifier: Apache-2.0
/*
=c
KernelTun(ADDR/MASK [, GATEWAY, I<keywords> DEVNAME, HEADROOM, MTU, BURST, IGNORE_QUEUE_OVERFLOWS])
=s comm
exchanges IP packets with this machine
=d
Makes a network interface of this machine with address ADDR/MASK whose other end is the element: IP packets that the machine
sends into it leave by output 0, with their IP header and destination annotation set; packets of the optional input, which are
pushed or pulled, are handed to the machine. What is no IP packet leaves by output 1 if it is connected and is dropped if not. Needs the
right to make interfaces (CAP_NET_ADMIN).

Keyword arguments are:
=over 8
=item ADDR/MASK
The machine's address on the interface.
=item GATEWAY
IP address: the machine gets a default route by it. Default is none.
=item DEVNAME
The interface's name. Default is one that the kernel chooses.
=item HEADROOM
Unsigned. How many bytes are left free before the data. Default is 64.
=item MTU
Unsigned, 68 to 65535. Default is 1500.
=item BURST
Unsigned, 1 to 64. How many packets are read at each turn. Default is 32.
=item IGNORE_QUEUE_OVERFLOWS
Boolean. Whether only the first packet that the machine does not take is reported. Default is false: each time.
=back
=h dev_name read
The interface's name.
=h count read
How many packets came from the machine.
=h drops read
How many packets the machine did not take.
=e
  tun :: KernelTun(10.9.0.1/24) -> IPMirror -> tun;
=a KernelTap, FromHost, ToHost
*/
/*
=c
KernelTap(ADDR/MASK [, GATEWAY, I<keywords> DEVNAME, ETHER, HEADROOM, MTU, BURST, IGNORE_QUEUE_OVERFLOWS])
=s comm
exchanges Ethernet packets with this machine
=d
The same as KernelTun with an Ethernet interface: its packets have Ethernet headers.

Keyword arguments are:
=over 8
=item ADDR/MASK
The machine's address on the interface.
=item GATEWAY
IP address: the machine gets a default route by it. Default is none.
=item DEVNAME
The interface's name. Default is one that the kernel chooses.
=item ETHER
The interface's Ethernet address. Default is one that the kernel chooses.
=item HEADROOM
Unsigned. How many bytes are left free before the data. Default is 64.
=item MTU
Unsigned, 68 to 65535. Default is 1500.
=item BURST
Unsigned, 1 to 64. How many packets are read at each turn. Default is 32.
=item IGNORE_QUEUE_OVERFLOWS
Boolean. Whether only the first packet that the machine does not take is reported. Default is false: each time.
=back
=h dev_name read
The interface's name.
=h count read
How many packets came from the machine.
=h drops read
How many packets the machine did not take.
=e
  tap :: KernelTap(10.9.0.1/24, ETHER 2:0:0:0:0:1) -> ARPResponder(10.9.0.2 2:0:0:0:0:2) -> tap;
=a KernelTun, FromHost, ToHost
*/
/*
=c
FromHost(DEVNAME [, DST, I<keywords> TYPE, GATEWAY, ETHER, HEADROOM, MTU, BURST])
=s comm
reads packets that this machine sends into an interface
=d
Makes the interface DEVNAME of this machine, whose other end is this element and the ToHost of that name: what the machine
sends into it leaves by the output.

Keyword arguments are:
=over 8
=item DEVNAME
The interface's name.
=item DST
IP prefix, C<ADDR/MASK>. The machine's address on the interface. Default is none.
=item TYPE
C<ETHER> for Ethernet packets, the default, or C<IP> for IPv4 packets without a link header, with their IP header and
destination annotation set.
=item GATEWAY
IP address: the machine gets a default route by it. Default is none.
=item ETHER
The interface's Ethernet address. Default is one that the kernel chooses.
=item HEADROOM
Unsigned. How many bytes are left free before the data. Default is 64.
=item MTU
Unsigned, 68 to 65535. Default is 1500.
=item BURST
Unsigned, 1 to 64. How many packets are read at each turn. Default is 32.
=back
=h dev_name read
The interface's name.
=h count read
How many packets came from the machine.
=e
  FromHost(fake0, 10.9.0.1/24) -> Queue -> ToDevice(eth0);
=a ToHost, KernelTap
*/
/*
=c
ToHost(DEVNAME)
=s comm
hands packets to this machine
=d
Hands each packet to the machine as received by interface DEVNAME, which a FromHost of the same configuration makes and
whose TYPE it has.
=h dev_name read
The interface's name.
=h drops read
How many packets the machine did not take.
=e
  FromHost(fake0, 10.9.0.1/24) -> ARPResponder(0/0 1:1:1:1:1:1) -> ToHost(fake0);
=a FromHost, KernelTap
*/
#include <click/annotations.hh>
#include <click/element.hh>
#include <click/notifier.hh>
#include <click/task.hh>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "lib/format.hh"
#include "net/ip.hh"
#include "platform/linux/tun_device.hh"
#include "platform/platform.hh"

namespace click {

namespace {

/// An element at the other end of an interface of this machine.
class HostElement : public Element {
public:
    const char* processing() const override { return kPush; }
    const char* flow_code() const override { return "x/y"; }
    void push(int port, PacketBatch& batch) override;
    bool run_task() override;
    void cleanup() override { release(); }

protected:
    explicit HostElement(TunDevice::Kind kind) : _kind(kind) {}
    ~HostElement() override { release(); }

    static constexpr uint32_t kLeastMtu = 68;  ///< RFC 791 3.2
    static constexpr uint32_t kMostMtu = 65535;

    Args& add_arguments(Args& args) {
        return args.keyword("HEADROOM", bounded(_setup.headroom, 0, 1024), Packet::kDefaultHeadroom)
            .keyword("MTU", bounded(_setup.mtu, kLeastMtu, kMostMtu))
            .keyword("BURST", bounded(_burst, 1, PacketBatch::kCapacity), kDefaultBurst);
    }
    int open(ErrorHandler& errh);
    /// Receives from the interface from now on, and pulls from an input that is pulled.
    void listen();
    void add_device_handlers(bool receives, bool sends);

    std::string _name;
    TunDevice::Kind _kind;
    TunDevice::Setup _setup;
    bool _report_once = true;

private:
    static constexpr uint32_t kDefaultBurst = 32;
    void release();
    void mark(PacketBatch& batch);
    std::string device_name() const { return _device ? _device->name() : _name; }
    bool pulls() const { return ninputs() > 0 && input_is_pull(0); }
    bool receive();
    bool pull_and_send();

    uint32_t _burst = kDefaultBurst;
    bool _reported = false;
    std::shared_ptr<TunDevice> _device;
    bool _listens = false;
    Tally _count;
    Tally _drops;
    Task _task{this};
    NotifierSignal _packets;
};

int HostElement::open(ErrorHandler& errh) {
    _device = TunDevice::open(_name, _kind, _setup, errh);
    if (!_device) {
        return -1;
    }
    return _device->kind() == _kind ? 0 : errh.error("%s: is an interface of the other kind", _name.c_str());
}

void HostElement::listen() {
    _task.initialize(this, pulls());
    if (pulls()) {
        _packets = NotifierSignal::upstream_empty(*this, 0, &_task);
    }
    _device->on_receive(&_task);
    _listens = true;
}

void HostElement::release() {
    if (_listens) {
        _device->on_receive(nullptr);
        _listens = false;
    }
    _device.reset();
}

bool HostElement::run_task() {
    bool received = receive();
    return (pulls() && pull_and_send()) || received;
}

bool HostElement::pull_and_send() {
    PacketBatch batch;
    input(0).pull(batch, _burst);
    bool worked = !batch.empty();
    if (worked || _packets.active()) {
        _task.reschedule();
    }
    push(0, batch);
    return worked;
}

bool HostElement::receive() {
    PacketBatch batch;
    _device->receive(batch, _burst);
    _count += batch.size();
    bool worked = !batch.empty();
    if (_kind == TunDevice::Kind::Ip) {
        mark(batch);
    }
    output(0).push(batch);
    return worked;
}

void HostElement::mark(PacketBatch& batch) {
    PacketBatch others;
    batch.map([&](PacketPtr packet) {
        const auto* ip = data_header<IpHeader>(*packet);
        if (!ip || ip->version() != 4) {
            others.append(std::move(packet));
            return PacketPtr();
        }
        packet->set_network_header(packet->data(), ip->header_length());
        anno::set_dst_ip(*packet, IPAddress(ip->destination));
        return packet;
    });
    checked_push(1, others);
}

void HostElement::push(int, PacketBatch& batch) {
    for (const Packet* packet : batch) {
        if (!_device->send(*packet)) {
            ++_drops;
            if (!_reported || !_report_once) {
                _reported = true;
                platform::log(format("%s(%s): packet not taken: %s\n", class_name(), device_name().c_str(),
                                     std::strerror(errno)));
            }
        }
    }
    batch.clear();
}

void HostElement::add_device_handlers(bool receives, bool sends) {
    add_read_handler<&HostElement::device_name>("dev_name");
    if (receives) {
        add_data_handler("count", _count);
    }
    if (sends) {
        add_data_handler("drops", _drops);
    }
}

/// KernelTun and KernelTap.
class KernelElement : public HostElement {
public:
    using HostElement::HostElement;
    const char* port_count() const override { return "0-1/1-2"; }
    const char* processing() const override { return "a/h"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        Args args(conf, this, errh);
        args.mandatory("ADDR", _setup.address)
            .optional("GATEWAY", _setup.gateway)
            .keyword("DEVNAME", _name)
            .keyword("IGNORE_QUEUE_OVERFLOWS", _report_once, false);
        return add_kind_arguments(add_arguments(args)).complete();
    }
    int initialize(ErrorHandler& errh) override {
        if (open(errh) < 0) {
            return -1;
        }
        listen();
        return 0;
    }
    void add_handlers() override { add_device_handlers(true, true); }

protected:
    virtual Args& add_kind_arguments(Args& args) { return args; }
};

class KernelTun final : public KernelElement {
public:
    KernelTun() : KernelElement(TunDevice::Kind::Ip) {}
    const char* class_name() const override { return "KernelTun"; }
};

class KernelTap final : public KernelElement {
public:
    KernelTap() : KernelElement(TunDevice::Kind::Ethernet) {}
    const char* class_name() const override { return "KernelTap"; }

protected:
    Args& add_kind_arguments(Args& args) override { return args.keyword("ETHER", _setup.ether); }
};

class FromHost final : public HostElement {
public:
    FromHost() : HostElement(TunDevice::Kind::Ethernet) {}
    const char* class_name() const override { return "FromHost"; }
    const char* port_count() const override { return "0/1"; }
    int configure_phase() const override { return kPhaseInfo; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        std::string type = "ETHER";
        Args args(conf, this, errh);
        args.mandatory("DEVNAME", _name)
            .optional("DST", _setup.address)
            .keyword("TYPE", type)
            .keyword("GATEWAY", _setup.gateway)
            .keyword("ETHER", _setup.ether);
        if (add_arguments(args).complete() < 0) {
            return -1;
        }
        if (type != "ETHER" && type != "IP") {
            return errh.error("TYPE: expected 'ETHER' or 'IP', got '%s'", type.c_str());
        }
        _kind = type == "IP" ? TunDevice::Kind::Ip : TunDevice::Kind::Ethernet;
        return 0;
    }
    int initialize(ErrorHandler& errh) override {
        if (open(errh) < 0) {
            return -1;
        }
        listen();
        return 0;
    }
    void add_handlers() override { add_device_handlers(true, false); }
};

class ToHost final : public HostElement {
public:
    ToHost() : HostElement(TunDevice::Kind::Ethernet) {}
    const char* class_name() const override { return "ToHost"; }
    const char* port_count() const override { return "1/0"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).mandatory("DEVNAME", _name).complete();
    }
    int initialize(ErrorHandler& errh) override {
        std::shared_ptr<TunDevice> device = TunDevice::find(_name);
        if (!device) {
            return errh.error("ToHost(%s) requires an initialized FromHost(%s)", _name.c_str(), _name.c_str());
        }
        _kind = device->kind();
        return open(errh);
    }
    void add_handlers() override { add_device_handlers(false, true); }
};

}  // namespace

CLICK_ELEMENT(KernelTun)
CLICK_ELEMENT(KernelTap)
CLICK_ELEMENT(FromHost)
CLICK_ELEMENT(ToHost)

}  // namespace click

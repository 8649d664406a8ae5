// SPDX-License-Identifier: Apache-2.0
/*
=c
FromDevice([DEVNAME, I<keywords>])
=s netdevices
receives packets from a network interface
=d
Pushes the frames that arrive at the interface named DEVNAME, with their link-level headers; an Ethernet address in its
place means the interface that has it. In a ClickOS guest, DEVNAME may be left out: its first interface. Sets the packet type, timestamp and MAC header annotations. Frames that their
sender left unfinished for its hardware (checksums, long TCP segments of virtual interfaces) come complete and cut to size.

A new configuration whose FromDevice has the same name and arguments goes on with the old one's ring: no frame is lost.

Keyword arguments are:
=over 8
=item SNIFFER
Boolean. Whether the machine's own network stack sees the frames too. If false, a chain of nftables (Linux 5.12 or newer)
keeps them from it while the router runs. Default is true, but for METHOD C<XDP>.
=item PROMISC
Boolean. Whether frames for other Ethernet addresses are received. Default is false.
=item SNAPLEN
Unsigned. Longer frames are cut off after so many bytes. Default is 2046.
=item FORCE_IP
Boolean. If true, only IP packets go to output 0, with their IP header annotations set; others go to output 1 if it is
connected. Default is false.
=item METHOD
How frames are received: by C<LINUX>, a packet socket (C<PCAP> means the same), or by C<XDP>, an AF_XDP socket. Default is
C<LINUX>. Older configurations say C<CAPTURE>.

An AF_XDP socket takes the frames that arrive at one queue of the interface before the machine's own network stack sees them,
which it then never does; frames of queues without a FromDevice go there as ever. They stay where the kernel or the driver
wrote them, in 64 MiB that all METHOD XDP elements of the program share, and a ToDevice with METHOD XDP sends them from
there. The driver does without copying if it can. What their sender left to its hardware is not known: on the other end of a
veth, turn off its offloads (C<ethtool -K END tx off txvlan off>). Needs Linux 5.9, an interface that is up with an MTU of at
most 1774, no other XDP program at it, and the capabilities CAP_NET_RAW, CAP_NET_ADMIN and CAP_BPF. Not with SNIFFER or
OUTBOUND true, PROTOCOL, or more HEADROOM than 256. Packets have the time at which they were taken as timestamp.
=item QUEUE
Unsigned, with METHOD C<XDP>. Which queue of the interface this receives from, numbered from 0: one FromDevice for each, which may
belong to threads of their own. Default is 0.
=item BPF_FILTER
Refused: use IPClassifier or Classifier.
=item PROTOCOL
EtherType. If it is given and not 0, only frames of that protocol are received.
=item OUTBOUND
Boolean. Whether frames that this machine sends are received too. Default is false.
=item HEADROOM
Unsigned. How many bytes are left free before the frame. Default is 64.
=item BURST
Unsigned. How many packets are pushed at each turn at most. Default is 64.
=item TIMESTAMP
Boolean. Whether packets have timestamps; they always do.
=item ALLOW_NONEXISTENT
Boolean. If true, an interface that does not exist (with METHOD C<XDP>, or is down) is only warned of, and used as soon as it
is there; so is one that goes away and comes back. Default is false.
=item ACTIVE
Boolean. Whether packets are received. Default is true.
=back
=h count read/write
Packets received. Writing sets it to 0.
=h reset_counts write
Sets C<count> to 0.
=h kernel_drops read
Frames that the kernel had to drop because packets were not taken fast enough.
=h encap read
The link-level encapsulation: C<ETHER>.
=h active read/write
The ACTIVE argument.
=h waiting read
Whether frames wait to be received: with ACTIVE false, whether any have come.
=h link read
C<up> when the interface is up and has a carrier, else C<down>.
=h queues read
Through how many queues the interface's frames go: 1 but for a virtual interface of Xen with several.
=h method read
How frames are received: C<LINUX>, C<XEN>, or C<XDP> C<native> (run by the driver) or C<generic>, with C<zero-copy> where the driver itself writes the program's memory, else C<copy>.
=e
  FromDevice(eth0, PROMISC true) -> Print -> Discard;
=a ToDevice, FromDump
*/

#include <memory>
#include <string>

#include "elements/device/deviceelement.hh"
#include "net/encapsulation.hh"
#include "net/ether.hh"

namespace click {

namespace {

class FromDevice final : public DeviceElement {
public:
    const char* class_name() const override { return "FromDevice"; }
    const char* port_count() const override { return "0/1-2"; }
    const char* processing() const override { return kPush; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void take_state(Element& old, ErrorHandler& errh) override;
    void add_handlers() override;
    bool run_task() override;
    void run_timer() override;

private:
    bool start(ErrorHandler& errh);
    void push_ip(PacketBatch& batch);
    void reset_counts() { _count = 0; }
    std::string drops() { return std::to_string(_device ? _device->drops() : 0); }
    std::string waiting() { return _device && _device->waiting() ? "true" : "false"; }
    std::string encap() const { return "ETHER"; }
    void activity_changed();

    bool _force_ip = false;
    bool _active = true;
    uint32_t _burst = PacketBatch::kCapacity;
    bool _started = false;
    uint64_t _count = 0;
    Task _task{this};
};

int FromDevice::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    std::string method;
    bool has_filter = false;
    RawArg filter;
    bool timestamp = true;
    _name = platform::Device::default_name();
    if (Args(conf, this, errh)
            .optional("DEVNAME", _name)
            .keyword("SNIFFER", _options.sniffer)
            .given(_options.sniffer_given)
            .optional("PROMISC", _options.promiscuous)
            .optional("SNAPLEN", _options.snap_length)
            .keyword("FORCE_IP", _force_ip)
            .keyword("METHOD", method)
            .keyword("CAPTURE", method)
            .keyword("QUEUE", _options.queue)
            .keyword("BPF_FILTER", filter)
            .given(has_filter)
            .keyword("PROTOCOL", _options.protocol)
            .keyword("OUTBOUND", _options.outbound)
            .keyword("HEADROOM", _options.headroom)
            .keyword("BURST", _burst)
            .keyword("TIMESTAMP", timestamp)
            .keyword("ALLOW_NONEXISTENT", _allow_nonexistent)
            .keyword("ACTIVE", _active)
            .complete() < 0) {
        return -1;
    }
    if (_name.empty()) {
        return errh.error("missing mandatory DEVNAME argument");
    }
    if (has_filter) {
        return errh.error("BPF_FILTER: not supported; use IPClassifier or Classifier behind FromDevice");
    }
    if (!platform::Device::find_method(method, _options)) {
        return errh.error("METHOD: bad METHOD '%s'", method.c_str());
    }
    if (_options.snap_length < sizeof(EtherHeader) || _options.snap_length > 65535) {
        return errh.error("SNAPLEN: out of range, bounds are 14 and 65535");
    }
    if (_options.headroom > 8192) {
        return errh.error("HEADROOM: out of range, bound 8192");
    }
    if (_burst < 1) {
        return errh.error("BURST: out of range, bound 1");
    }
    return 0;
}

int FromDevice::initialize(ErrorHandler& errh) {
    _task.initialize(this, false);
    _task.follow_outside();
    _timer.initialize(this);
    if (!open(errh)) {
        return -1;
    }
    // The task's first turn starts the device: until then a router that this one replaces may still hand over its own.
    _task.reschedule();
    return 0;
}

bool FromDevice::start(ErrorHandler& errh) {
    _started = _device->start(errh);
    if (_started && _active) {
        _device->on_receive(&_task);
    }
    return _started;
}

void FromDevice::run_timer() {
    if (look_again()) {
        _started = false;
        _task.reschedule();
    }
}

void FromDevice::take_state(Element& old, ErrorHandler&) {
    auto& other = static_cast<FromDevice&>(old);
    if (other._started && _name == other._name && _options == other._options) {
        _device = std::move(other._device);
        _started = true;
        _device->on_receive(_active ? &_task : nullptr);
    }
}

bool FromDevice::run_task() {
    if (!_device) {
        return false;
    }
    if (!_started) {
        LogErrorHandler errh;
        if (!start(errh)) {
            _device.reset();
            return false;
        }
    }
    if (!_active) {
        return false;
    }
    unsigned left = _burst;
    while (left > 0) {
        PacketBatch batch;
        _device->receive(batch, left);
        if (batch.empty()) {
            break;
        }
        left -= batch.size();
        _count += batch.size();
        if (_force_ip) {
            push_ip(batch);
        } else {
            output(0).push(batch);
        }
    }
    if (left == _burst) {
        return false;  // the device wakes the task
    }
    _task.reschedule();
    return true;
}

void FromDevice::push_ip(PacketBatch& batch) {
    PacketBatch others;
    batch.map([&](PacketPtr packet) {
        if (!mark_ip_header(*packet, Encapsulation())) {
            others.append(std::move(packet));
        }
        return packet;
    });
    output(0).push(batch);
    checked_push(1, others);
}

void FromDevice::activity_changed() {
    if (_started) {
        _device->on_receive(_active ? &_task : nullptr);
    }
    _task.reschedule();
}

void FromDevice::add_handlers() {
    add_data_handler("count", _count);
    add_write_handler<&FromDevice::reset_counts>("count");
    add_write_handler<&FromDevice::reset_counts>("reset_counts", 0, Handler::kButton);
    add_read_handler<&FromDevice::drops>("kernel_drops");
    add_read_handler<&FromDevice::waiting>("waiting");
    add_device_handlers();
    add_read_handler<&FromDevice::encap>("encap");
    add_setting_handler<&FromDevice::activity_changed>("active", _active);
}

}  // namespace

CLICK_ELEMENT(FromDevice)

}  // namespace click

// SPDX-License-Identifier: Apache-2.0
/*
=c
ToDevice([DEVNAME, I<keywords>])
=s netdevices
sends packets to a network interface
=d
Pulls packets, which must have a link-level header, and sends them out of the interface named DEVNAME; an Ethernet address
in its place means the interface that has it. Packets that were sent go to output 0 if it is connected. Packets that the
interface does not take (too long for it, or it is down) go to output 1 if that is connected.

In a ClickOS guest, DEVNAME may be left out (its first interface), and packets may be pushed instead: up to 1000 wait in a
queue of the element's own, more are dropped.

When the interface has no room, waits until it has. A new configuration whose ToDevice has the same name and arguments
goes on with the old one's socket and with the packets that wait for room.

Keyword arguments are:
=over 8
=item BURST
Integer, at least 1. How many packets are pulled at each turn at most. Default is 64.
=item METHOD
How packets are sent: by C<LINUX>, a packet socket (C<PCAP> means the same), or by C<XDP>, an AF_XDP socket, which
FromDevice describes: packets that one received are sent from where they lie, others are copied there. Default is C<LINUX>.
=item QUEUE
Unsigned, with METHOD C<XDP>. By which queue of the interface this sends, numbered from 0: one ToDevice for each. Default is 0.
=item DEBUG
Boolean. Accepted for older configurations, says nothing. Default is false.
=item ALLOW_NONEXISTENT
Boolean. If true, an interface that does not exist (with METHOD C<XDP>, or is down) is only warned of, and used as soon as it
is there; so is one that goes away and comes back. Default is false.
=back
=h count read
Packets sent.
=h drops read
Packets that the interface did not take.
=h backoffs read
How often the interface had no room.
=h pulls read
How often packets were asked for.
=h q read
1 if packets that were pulled wait for room, else 0.
=h signal read
C<true> when whoever this pulls from says that there may be packets, else C<false>.
=h reset_counts write
Sets C<count>, C<drops>, C<backoffs> and C<pulls> to 0.
=h link read
C<up> when the interface is up and has a carrier, else C<down>.
=h queues read
Through how many queues the interface's frames go: 1 but for a virtual interface of Xen with several.
=h method read
How frames are sent: C<LINUX>, C<XEN>, or C<XDP> with C<zero-copy> where the driver itself reads the program's memory, else C<copy>.
=e
  RatedSource -> EtherEncap(0x0800, 1:1:1:1:1:1, 2:2:2:2:2:2) -> Queue -> ToDevice(eth0);
=a FromDevice, ToDump
*/
#include <click/notifier.hh>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "elements/device/deviceelement.hh"
#include "lib/packet_ring.hh"

namespace click {

namespace {

class ToDevice final : public DeviceElement {
public:
    const char* class_name() const override { return "ToDevice"; }
    const char* port_count() const override { return "1/0-2"; }
    const char* processing() const override { return platform::Device::default_name().empty() ? kPullToPush : "a/h"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void take_state(Element& old, ErrorHandler& errh) override;
    void add_handlers() override;
    void push(int port, PacketBatch& batch) override;
    bool run_task() override;
    void run_timer() override;

private:
    static constexpr int64_t kBackOff = 100'000;  ///< nanoseconds until a full interface queue is tried again

    static constexpr uint32_t kQueue = 1000;  ///< pushed packets that wait

    void fetch(unsigned most);
    void transmit();
    std::string waits() const { return _waiting.empty() ? "0" : "1"; }
    std::string signal() const { return _packets.active() ? "true" : "false"; }
    void reset_counts() { _count = _drops = _backoffs = _pulls = 0; }

    uint32_t _burst = PacketBatch::kCapacity;
    PacketRing _pushed;
    PacketBatch _waiting;  ///< pulled, and not sent for lack of room
    uint64_t _count = 0;
    uint64_t _drops = 0;
    uint64_t _backoffs = 0;
    uint64_t _pulls = 0;
    NotifierSignal _packets;
    Task _task{this};
};

int ToDevice::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    std::string method;
    bool debug = false;
    _name = platform::Device::default_name();
    if (Args(conf, this, errh)
            .optional("DEVNAME", _name)
            .keyword("BURST", _burst)
            .keyword("METHOD", method)
            .keyword("QUEUE", _options.queue)
            .keyword("DEBUG", debug)
            .keyword("ALLOW_NONEXISTENT", _allow_nonexistent)
            .complete() < 0) {
        return -1;
    }
    if (_name.empty()) {
        return errh.error("missing mandatory DEVNAME argument");
    }
    if (!platform::Device::find_method(method, _options)) {
        return errh.error("METHOD: bad METHOD '%s'", method.c_str());
    }
    if (_burst < 1) {
        return errh.error("bad BURST");
    }
    return 0;
}

int ToDevice::initialize(ErrorHandler& errh) {
    _task.initialize(this, false);
    _task.follow_outside();
    _timer.initialize(this);
    if (input_is_pull(0)) {
        _packets = NotifierSignal::upstream_empty(*this, 0, &_task);
    } else if (_pushed.allocate(kQueue, errh) < 0) {
        return -1;
    }
    _options.role = platform::Device::Role::Transmit;
    if (!open(errh)) {
        return -1;
    }
    _task.reschedule();
    return 0;
}

void ToDevice::take_state(Element& old, ErrorHandler&) {
    auto& other = static_cast<ToDevice&>(old);
    if (other._device && _name == other._name && _options == other._options) {
        _device = std::move(other._device);
        // Who waits for room is this element from now on; the old one is about to go.
        _device->on_transmit_room(&_task);
        other._waiting.move_to(_waiting, other._waiting.size());
        for (bool more = true; more;) {
            PacketBatch pushed;
            other._pushed.take(pushed, pushed.room());
            more = !pushed.empty();
            _pushed.append(pushed);
        }
        _task.reschedule();
    }
}

void ToDevice::push(int, PacketBatch& batch) {
    _pushed.append(batch);
    _drops += batch.size();
    checked_push(1, batch);
    // One that waits for room is woken when there is some.
    if (_waiting.empty()) {
        _task.reschedule();
    }
}

void ToDevice::fetch(unsigned most) {
    ++_pulls;
    if (input_is_pull(0)) {
        input(0).pull(_waiting, most);
    } else {
        _pushed.take(_waiting, most);
    }
}

void ToDevice::transmit() {
    PacketBatch sent;
    PacketBatch refused;
    _device->transmit(_waiting, sent, refused);
    _count += sent.size();
    _drops += refused.size();
    checked_push(0, sent);
    checked_push(1, refused);
}

bool ToDevice::run_task() {
    if (!_device) {
        return false;
    }
    unsigned left = _burst;
    while (left > 0) {
        if (_waiting.empty()) {
            fetch(left);
            if (_waiting.empty()) {
                break;
            }
        }
        unsigned before = _waiting.size();
        transmit();
        if (!_waiting.empty()) {
            ++_backoffs;
            if (!_device->on_transmit_room(&_task)) {
                _timer.schedule_after(kBackOff);
            }
            return _waiting.size() < before;
        }
        left -= std::min(left, before);
    }
    if (left == _burst && _device->holds()) {
        transmit();
    }
    if (_device->holds()) {
        _timer.schedule_after(kBackOff);
    }
    if (left < _burst || !_pushed.empty() || (input_is_pull(0) && _packets.active())) {
        _task.reschedule();
    }
    return left < _burst;
}

void ToDevice::run_timer() {
    look_again();
    if (_device) {
        _task.reschedule();
    }
}

void ToDevice::add_handlers() {
    for (auto [handler, number] :
         {std::pair{"count", &_count}, {"drops", &_drops}, {"backoffs", &_backoffs}, {"pulls", &_pulls}}) {
        add_data_handler(handler, *number);
    }
    add_read_handler<&ToDevice::waits>("q");
    add_read_handler<&ToDevice::signal>("signal");
    add_device_handlers();
    add_write_handler<&ToDevice::reset_counts>("reset_counts", 0, Handler::kButton);
}

}  // namespace

CLICK_ELEMENT(ToDevice)

}  // namespace click

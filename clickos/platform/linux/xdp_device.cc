// SPDX-License-Identifier: Apache-2.0
//
// METHOD XDP: one queue of an interface by an AF_XDP socket. Frames never reach the machine's own network stack, and so what
// their sender left to its hardware cannot be made good: with frames that the other end of a veth makes, turn that off there.
#include <linux/if_ether.h>
#include <sys/socket.h>

#include <click/annotations.hh>
#include <click/errorhandler.hh>
#include <click/task.hh>

#include <cerrno>
#include <cstring>

#include "net/ipaddress.hh"
#include "platform/linux/device.hh"
#include "platform/linux/interface.hh"
#include "platform/linux/poller.hh"
#include "platform/linux/xdp_arena.hh"
#include "platform/linux/xdp_program.hh"
#include "platform/linux/xdp_socket.hh"

namespace click::platform {

namespace {

constexpr uint32_t kTag = 4;

/// What both directions have: the queue's socket, and a packet socket to ask about the interface with.
class XdpDevice : public Device {
public:
    XdpDevice(std::string name, unsigned index, int packet_fd)
        : _name(std::move(name)), _index(index), _packet_socket(packet_fd) {}

    bool link_up() override { return running(_packet_socket.get(), _name); }
    bool gone() const override { return !interface_exists(_index); }
    unsigned queues() override { return receive_queues(_packet_socket.get(), _name); }
    const std::string& name() const override { return _name; }

protected:
    bool open_queue(const Options& options, ErrorHandler& errh);

    std::string _name;
    unsigned _index;
    Descriptor _packet_socket;
    std::shared_ptr<XdpSocket> _socket;
};

bool XdpDevice::open_queue(const Options& options, ErrorHandler& errh) {
    unsigned there = queues();
    if (options.queue >= there) {
        errh.error("%s: QUEUE: out of range, got %u; the interface has queues 0 to %u", _name.c_str(), options.queue,
                   there - 1);
        return false;
    }
    _socket = XdpSocket::open(_name, _index, options.queue, errh);
    return _socket != nullptr;
}

class XdpReceiver final : public XdpDevice, private poller::Watcher {
public:
    XdpReceiver(std::string name, unsigned index, const Options& options, int packet_fd)
        : XdpDevice(std::move(name), index, packet_fd), _options(options) {}
    ~XdpReceiver() override;

    bool prepare(ErrorHandler& errh);
    bool start(ErrorHandler& errh) override;
    void receive(PacketBatch& batch, unsigned most) override;
    void transmit(PacketBatch&, PacketBatch&, PacketBatch&) override { panic("device opened to receive only"); }
    bool waiting() const override { return _socket->received(); }
    void on_receive(Task* task) override;
    bool on_transmit_room(Task*) override { return false; }
    uint64_t drops() override { return _lost + _socket->drops() - _drops_before; }
    const char* method() const override {
        return _socket->zero_copy() ? "XDP native zero-copy"
               : _program->native() ? "XDP native copy"
                                    : "XDP generic copy";
    }

private:
    bool suits(ErrorHandler& errh) const;
    void ready(int fd, uint32_t events) override;
    void finish(Packet& packet, int64_t now) const;

    Options _options;
    std::shared_ptr<XdpProgram> _program;
    uint64_t _address = 0;  ///< the interface's own, in the low six bytes
    uint64_t _lost = 0;
    uint64_t _drops_before = 0;
    bool _started = false;
    Task* _task = nullptr;
};

/// Whether METHOD XDP can do what the other arguments ask for, and takes frames as long as the interface may get.
bool XdpReceiver::suits(ErrorHandler& errh) const {
    int errors = errh.error_count();
    if (_options.sniffer_given && _options.sniffer) {
        errh.error("%s: SNIFFER true: the machine does not see what METHOD XDP takes; use METHOD LINUX", _name.c_str());
    }
    if (_options.outbound) {
        errh.error("%s: OUTBOUND true: METHOD XDP does not see what the machine sends; use METHOD LINUX",
                   _name.c_str());
    }
    if (_options.protocol != 0) {
        errh.error("%s: PROTOCOL: METHOD XDP takes all protocols; use Classifier behind FromDevice", _name.c_str());
    }
    if (_options.headroom > xdp_arena::kHeadroom) {
        errh.error("%s: HEADROOM: METHOD XDP leaves %u bytes, got %u", _name.c_str(), xdp_arena::kHeadroom,
                   _options.headroom);
    }
    constexpr uint32_t kMost = xdp_arena::kLongestFrame - ETH_HLEN - kTag;
    uint32_t mtu = interface_mtu(_packet_socket.get(), _name);
    if (mtu > kMost) {
        errh.error(
            "%s: METHOD XDP takes frames of an MTU up to %u, got %u; lower the interface's MTU or use METHOD LINUX",
            _name.c_str(), kMost, mtu);
    }
    return errh.error_count() == errors;
}

bool XdpReceiver::prepare(ErrorHandler& errh) {
    DeviceAddresses addresses;
    if (!suits(errh) || !open_queue(_options, errh) ||
        !(_program = XdpProgram::attach(_name, _index, queues(), errh))) {
        return false;
    }
    if (device_addresses(_name, addresses)) {
        std::memcpy(&_address, addresses.ether.bytes.data(), ETH_ALEN);
    }
    if (_options.promiscuous && !make_promiscuous(_packet_socket.get(), _index)) {
        refuse(errh, _name, "cannot make promiscuous");
        return false;
    }
    return true;
}

bool XdpReceiver::start(ErrorHandler& errh) {
    if (!_socket->claim_receiver(this)) {
        errh.error("%s: QUEUE %u: another FromDevice receives from it", _name.c_str(), _options.queue);
        return false;
    }
    if (!_socket->fill()) {
        errh.error("%s: QUEUE %u: METHOD XDP has no memory for another queue: %u chunks are for all, and %u for each",
                   _name.c_str(), _options.queue, xdp_arena::kChunks, XdpSocket::kReceiveSlots);
        return false;
    }
    _drops_before = _socket->drops();
    _started = _program->serve(_options.queue, _socket->fd());
    if (!_started) {
        refuse(errh, _name, "METHOD XDP: cannot enter the queue's socket");
    }
    return _started;
}

XdpReceiver::~XdpReceiver() {
    if (_started) {
        _program->leave(_options.queue);
        poller::unwatch(_socket->fd());
    }
    if (_socket) {
        _socket->leave(this);
    }
}

void XdpReceiver::on_receive(Task* task) {
    _task = task;
    if (!task) {
        poller::unwatch(_socket->fd());
    } else if (!poller::watch(_socket->fd(), poller::kReadable, *this)) {
        panic("cannot wait for packets");
    }
}

void XdpReceiver::ready(int fd, uint32_t) {
    // An interface that goes leaves an error, which would make the descriptor ready for ever.
    if (!_socket->received()) {
        int error;
        socklen_t size = sizeof error;
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    }
    _task->reschedule();
}

void XdpReceiver::receive(PacketBatch& batch, unsigned most) {
    unsigned before = batch.size();
    _socket->receive(batch, most, _options.headroom, _lost);
    if (batch.size() == before) {
        return;
    }
    int64_t now = wall_clock();
    for (unsigned i = before; i < batch.size(); ++i) {
        finish(batch[i], now);
    }
}

/// Gives a frame its annotations and length. A frame has no time of its own: `now` is when it was taken.
void XdpReceiver::finish(Packet& packet, int64_t now) const {
    uint64_t destination = 0;
    std::memcpy(&destination, packet.data(), ETH_ALEN);
    constexpr uint64_t kBroadcast = 0xffff'ffff'ffff;
    if (destination != _address) {
        bool group = destination & 1;
        packet.set_type(!group                      ? Packet::Type::OtherHost
                        : destination == kBroadcast ? Packet::Type::Broadcast
                                                    : Packet::Type::Multicast);
    }
    if (packet.length() > _options.snap_length) {
        uint32_t cut = packet.length() - _options.snap_length;
        packet.take(cut);
        packet.set_anno_u32(anno::kExtraLength, cut);
    }
    packet.set_timestamp(now);
    packet.set_mac_header(packet.data());
}

class XdpSender final : public XdpDevice {
public:
    XdpSender(std::string name, unsigned index, int packet_fd) : XdpDevice(std::move(name), index, packet_fd) {}
    ~XdpSender() override {
        if (_socket) {
            _socket->leave(this);
        }
    }

    bool prepare(const Options& options, ErrorHandler& errh);
    bool start(ErrorHandler&) override { return true; }
    void receive(PacketBatch&, unsigned) override { panic("device opened to transmit only"); }
    void transmit(PacketBatch& batch, PacketBatch& sent, PacketBatch& refused) override;
    bool holds() const override { return _socket->held() > 0; }
    bool waiting() const override { return false; }
    void on_receive(Task*) override {}
    // The kernel tells that there is room only to who receives as well.
    bool on_transmit_room(Task*) override { return false; }
    uint64_t drops() override { return 0; }
    const char* method() const override { return _socket->zero_copy() ? "XDP zero-copy" : "XDP copy"; }

private:
    bool usable();
    bool fits(const Packet& packet);

    unsigned _queue = 0;
    uint32_t _mtu = 0;
    bool _claimed = false;
    bool _failed = false;   ///< the kernel did not send: the interface is down, or gone
    bool _foreign = false;  ///< another sends through the queue
};

bool XdpSender::prepare(const Options& options, ErrorHandler& errh) {
    _queue = options.queue;
    _mtu = interface_mtu(_packet_socket.get(), _name);
    return open_queue(options, errh);
}

/// Whether the queue is ours and its interface up, which is asked whenever nothing says that frames go out.
bool XdpSender::usable() {
    if (!_claimed) {
        // Not at `start`: a router that this one replaces may still hand its own over.
        _claimed = _socket->claim_sender(this);
        if (!_claimed && !_foreign) {
            LogErrorHandler().error("%s: QUEUE %u: another ToDevice sends through it", _name.c_str(), _queue);
        }
        _foreign = !_claimed;
    }
    return _claimed && ((!_failed && _socket->held() > 0) || (!gone() && interface_up(_name)));
}

bool XdpSender::fits(const Packet& packet) {
    if (packet.length() < ETH_HLEN || packet.length() > xdp_arena::kChunkSize) {
        return false;
    }
    uint16_t type;
    std::memcpy(&type, packet.data() + 2 * ETH_ALEN, sizeof type);
    uint32_t header = ETH_HLEN + (type == net16(ETH_P_8021Q) ? kTag : 0);
    if (packet.length() > _mtu + header) {
        // It may have been raised.
        _mtu = interface_mtu(_packet_socket.get(), _name);
    }
    return packet.length() <= _mtu + header;
}

void XdpSender::transmit(PacketBatch& batch, PacketBatch& sent, PacketBatch& refused) {
    if (!usable()) {
        batch.move_to(refused, batch.size());
    } else {
        batch.map([&](PacketPtr packet) {
            if (!fits(*packet)) {
                refused.append(std::move(packet));
            }
            return packet;
        });
    }
    if (_claimed) {
        _socket->collect(sent);
        _socket->put(batch);
        int error = _socket->send();
        _failed = error == ENETDOWN || error == ENXIO || error == ENODEV;
        _socket->collect(sent);
    }
}

/// A device of that class with all that it needs; null after a report.
template <typename T, typename... Args>
std::unique_ptr<Device> prepared(std::unique_ptr<T> device, Args&&... arguments) {
    return device->prepare(std::forward<Args>(arguments)...) ? std::move(device) : nullptr;
}

}  // namespace

std::unique_ptr<Device> open_xdp_receiver(std::string name, unsigned index, const Device::Options& options,
                                          ErrorHandler& errh) {
    int fd = packet_socket(name, errh);
    return fd < 0 ? nullptr : prepared(std::make_unique<XdpReceiver>(std::move(name), index, options, fd), errh);
}

std::unique_ptr<Device> open_xdp_sender(std::string name, unsigned index, const Device::Options& options,
                                        ErrorHandler& errh) {
    int fd = packet_socket(name, errh);
    return fd < 0 ? nullptr : prepared(std::make_unique<XdpSender>(std::move(name), index, fd), options, errh);
}

}  // namespace click::platform

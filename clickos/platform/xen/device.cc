// SPDX-License-Identifier: Apache-2.0
//
// What FromDevice and ToDevice open: one end of an interface. The interface itself stays.
#include <click/annotations.hh>
#include <click/errorhandler.hh>

#include "net/ether.hh"
#include "platform/platform.hh"
#include "platform/xen/netfront.hh"

namespace click::platform {

namespace {

class ReceivingEnd final : public Device {
public:
    ReceivingEnd(xen::Interface& interface, const Options& options) : _interface(interface), _options(options) {}
    ~ReceivingEnd() override {
        if (_task && _interface.receiver() == _task) {
            _interface.wake_receiver(nullptr);
        }
    }

    bool start(ErrorHandler& errh) override {
        if (_interface.receiver()) {
            errh.error("%s: another element receives from it", name().c_str());
            return false;
        }
        _interface.drop_received();
        _drops_before = _interface.drops();
        return true;
    }
    void receive(PacketBatch& batch, unsigned most) override;
    void transmit(PacketBatch&, PacketBatch&, PacketBatch&) override { panic("device opened to receive only"); }
    bool waiting() const override { return _interface.waiting(); }
    void on_receive(Task* task) override {
        _task = task;
        _interface.wake_receiver(task);
    }
    bool on_transmit_room(Task*) override { return false; }
    uint64_t drops() override { return _interface.drops() - _drops_before; }
    bool link_up() override { return _interface.link_up(); }
    unsigned queues() override { return _interface.queues(); }
    const char* method() const override { return "XEN"; }
    const std::string& name() const override { return _interface.name(); }

private:
    bool wanted(const Packet& packet) const;

    xen::Interface& _interface;
    Options _options;
    uint64_t _drops_before = 0;
    Task* _task = nullptr;
};

/// Whether a frame is for whoever opened the device: a virtual interface gets what its bridge sends, for others too.
bool ReceivingEnd::wanted(const Packet& packet) const {
    constexpr size_t kProtocol = 12;
    uint16_t protocol;
    std::memcpy(&protocol, packet.data() + kProtocol, sizeof protocol);
    return (_options.promiscuous || packet.type() != Packet::Type::OtherHost) &&
           (_options.protocol == 0 || net16(protocol) == _options.protocol);
}

void ReceivingEnd::receive(PacketBatch& batch, unsigned most) {
    // An empty batch means that there is nothing more, so frames for others do not make one, unless they do not end: then
    // the next turn goes on.
    constexpr unsigned kMostForOthers = 256;
    unsigned before = batch.size();
    unsigned looked_at = 0;
    for (;;) {
        PacketBatch arrived;
        _interface.receive(arrived, most < batch.room() ? most : batch.room(), _options.headroom);
        bool nothing = arrived.empty();
        looked_at += arrived.size();
        arrived.drain([&](PacketPtr packet) {
            if (!wanted(*packet)) {
                return;
            }
            if (packet->length() > _options.snap_length) {
                uint32_t cut = packet->length() - _options.snap_length;
                packet->take(cut);
                packet->set_anno_u32(anno::kExtraLength, cut);
            }
            batch.append(std::move(packet));
        });
        if (nothing || batch.size() > before) {
            return;
        }
        if (looked_at >= kMostForOthers) {
            if (_task) {
                _task->reschedule();
            }
            return;
        }
    }
}

class SendingEnd final : public Device {
public:
    explicit SendingEnd(xen::Interface& interface) : _interface(interface) {}
    ~SendingEnd() override { forget(); }

    bool start(ErrorHandler&) override { return true; }
    void receive(PacketBatch&, unsigned) override { panic("device opened to transmit only"); }
    void transmit(PacketBatch& batch, PacketBatch& sent, PacketBatch& refused) override {
        _interface.transmit(batch, sent, refused);
    }
    bool waiting() const override { return false; }
    void on_receive(Task*) override {}
    bool on_transmit_room(Task* task) override {
        forget();
        _task = task;
        _interface.wake_sender(task);
        return true;
    }
    uint64_t drops() override { return 0; }
    bool link_up() override { return _interface.link_up(); }
    unsigned queues() override { return _interface.queues(); }
    const char* method() const override { return "XEN"; }
    const std::string& name() const override { return _interface.name(); }

private:
    void forget() {
        if (_task) {
            _interface.forget_sender(_task);
            _task = nullptr;
        }
    }

    xen::Interface& _interface;
    Task* _task = nullptr;
};

}  // namespace

std::string_view Device::default_name() { return "eth0"; }

bool Device::find_method(std::string_view text, Options&) { return text.empty() || text == "LINUX" || text == "PCAP"; }

bool device_addresses(std::string_view name, DeviceAddresses& addresses) {
    xen::Interface* interface = xen::interfaces::find(name);
    if (interface) {
        addresses.ether = interface->address();
    }
    return interface != nullptr;
}

std::unique_ptr<Device> Device::open(std::string_view name, const Options& options, bool& exists, ErrorHandler& errh) {
    xen::Interface* interface = xen::interfaces::find(name);
    exists = interface != nullptr;
    if (!interface) {
        errh.error("unknown device '%s'", std::string(name).c_str());
        return nullptr;
    }
    if (options.outbound) {
        errh.error("%s: OUTBOUND true: not in a guest", interface->name().c_str());
        return nullptr;
    }
    if (options.role == Role::Transmit) {
        return std::make_unique<SendingEnd>(*interface);
    }
    return std::make_unique<ReceivingEnd>(*interface, options);
}

}  // namespace click::platform

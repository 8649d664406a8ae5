// SPDX-License-Identifier: Apache-2.0
#include "platform/xen/netfront.hh"

#include <algorithm>
#include <utility>

#include "lang/confparse.hh"
#include "lib/flow_hash.hh"
#include "net/ether.hh"
#include "platform/platform.hh"
#include "platform/xen/memory.hh"
#include "platform/xen_control/xenstore.hh"

namespace click::xen {

namespace {

/// An interface takes at most this part of the free memory for its buffers.
constexpr size_t kMemoryPart = 4;
constexpr uint64_t kMostQueues = 8;
constexpr uint64_t kUsualMtu = 1500;
constexpr uint32_t kShortestFrame = sizeof(EtherHeader);

/// The number that a node says, or `otherwise`.
uint64_t number_at(const std::string& path, uint64_t otherwise) {
    std::string text;
    uint64_t number;
    return xenstore::read(path, text) && parse_unsigned(text, number) ? number : otherwise;
}

/// Whom the frame is for, as the packet's type.
Packet::Type type_of(const uint8_t* frame, const EtherAddress& own) {
    const uint8_t* end = frame + own.bytes.size();
    if (frame[0] & 1) {
        return std::all_of(frame, end, [](uint8_t byte) { return byte == 0xff; }) ? Packet::Type::Broadcast
                                                                                  : Packet::Type::Multicast;
    }
    return std::equal(frame, end, own.bytes.data()) ? Packet::Type::Host : Packet::Type::OtherHost;
}

}  // namespace

Interface::Interface(unsigned number) : _number(number), _name("eth" + std::to_string(number)) { come_back_as(number); }

void Interface::come_back_as(unsigned seat) {
    _seat = seat;
    _path = "device/vif/" + std::to_string(seat);
}

bool Interface::link_up() const {
    return connected() && number_at(_backend + "/state", XenbusStateUnknown) == XenbusStateConnected &&
           number_at(_backend + "/carrier", 1) != 0;
}

/// As many queues as the module host wishes, the backend offers and the memory allows. One queue and one event channel
/// if nobody says otherwise: the guest has one processor, and event channels and memory are what a host runs out of.
bool Interface::open_queues() {
    std::string wishes = "data/clickos/vif/" + std::to_string(_seat);
    uint64_t count = std::min(number_at(wishes + "/queues", 1), kMostQueues);
    if (count > 1) {
        count = std::min(count, number_at(_backend + "/multi-queue-max-queues", 1));
    }
    count = std::max<uint64_t>(count, 1);
    // A backend looks for the nodes of split channels first: once written, they must go on being right.
    _split = _split ||
             (number_at(wishes + "/split", 0) != 0 && number_at(_backend + "/feature-split-event-channels", 0) != 0);
    size_t free = memory::free_page_count();
    Queue::Options options{};
    options.backend = _backend_domain;
    options.pages = free / kMemoryPart / count;
    options.rest = free - free / kMemoryPart;
    options.split = _split;
    options.gather = number_at(_backend + "/feature-sg", 0) != 0;
    while (_queues.size() < count) {
        auto queue = std::make_unique<Queue>();
        if (!queue->open(options, _waiters)) {
            break;
        }
        _queues.push_back(std::move(queue));
    }
    return connected();
}

bool Interface::connect() {
    if (!open_queues()) {
        platform::log(_name + ": cannot connect: out of memory, grants or event channels\n");
        return false;
    }
    if (!publish()) {
        platform::log(_name + ": cannot connect: " + xenstore::error() + "\n");
        disconnect();
        return false;
    }
    return true;
}

/// Tells the backend where everything is: seven nodes for one queue with one event channel.
bool Interface::publish() {
    // Frames of several pages only come where the network may have such.
    bool long_frames = number_at(path("mtu"), kUsualMtu) > kUsualMtu;
    return xenstore::transact([&](uint32_t transaction) {
        auto write = [&](const char* node, uint64_t number) {
            return xenstore::write(path(node), std::to_string(number), transaction);
        };
        bool several = queues() > 1;
        bool good = !(several || _several) || write("multi-queue-num-queues", queues());
        _several = _several || several;
        for (size_t i = 0; i < _queues.size() && good; ++i) {
            good = _queues[i]->publish(several ? path("queue-") + std::to_string(i) : _path, transaction);
        }
        return good && (!long_frames || write("feature-sg", 1)) && write("request-rx-copy", 1) &&
               write("feature-rx-notify", 1) &&
               // Without this node a backend may send frames whose checksum is blank.
               write("feature-no-csum-offload", 1) && write("state", XenbusStateConnected);
    });
}

void Interface::disconnect() {
    _drops = drops();
    _queues.clear();
    _full = nullptr;
    _first_queue = 0;
    _waiters.wake_senders();
}

void Interface::find_backend() {
    std::string text;
    uint64_t domain = 0;
    if (!xenstore::read(path("backend"), _backend) || !xenstore::read(path("backend-id"), text) ||
        !parse_unsigned(text, domain) || !xenstore::read(path("mac"), text) || !parse_ether_address(text, _address)) {
        _backend.clear();
        return;
    }
    _present = true;
    _backend_domain = static_cast<domid_t>(domain);
    // The watch's first event brings us back.
    xenstore::watch(_backend + "/state", token());
}

void Interface::follow_backend() {
    if (_backend.empty()) {
        find_backend();
        return;
    }
    uint64_t state = number_at(_backend + "/state", XenbusStateUnknown);
    _answered = _answered && state == XenbusStateInitWait;
    switch (state) {
        case XenbusStateInitWait:
            if (_answered) {
                break;  // events come late: it may be mapping the rings that it was told of
            }
            if (connected()) {
                disconnect();  // a backend that starts anew has forgotten our rings
            }
            _answered = connect();
            break;
        case XenbusStateClosing:
            close();
            break;
        case XenbusStateClosed:
        case XenbusStateUnknown:
            close();
            // One that stays gets a new backend, which waits until the frontend starts anew; one that is detached does
            // not stay online.
            if (_closed && number_at(_backend + "/online", 0) == 1) {
                _closed = !xenstore::write(path("state"), std::to_string(XenbusStateInitialising));
            }
            break;
        default:
            break;
    }
}

void Interface::close() {
    if (connected()) {
        disconnect();
        _closed = xenstore::write(path("state"), std::to_string(XenbusStateClosed));
    }
}

void Interface::vanish() {
    if (!_backend.empty()) {
        xenstore::unwatch(_backend + "/state", token());
        _backend.clear();
    }
    disconnect();
    _present = _closed = _answered = _split = _several = false;
}

bool Interface::moved() const {
    std::string now;
    return !_backend.empty() && xenstore::read(path("backend"), now) && now != _backend;
}

void Interface::start_anew() {
    for (const auto& queue : _queues) {
        queue->abandon();
    }
    vanish();
    find_backend();
}

/// The backend does what the protocol does not allow: nothing more is taken from it.
void Interface::break_off(Fault fault) {
    platform::log(_name + ": backend breaks the protocol: " + fault + "\n");
    disconnect();
    xenstore::write(path("state"), std::to_string(XenbusStateClosed));
}

uint64_t Interface::drops() const {
    uint64_t sum = _drops;
    for (const auto& queue : _queues) {
        sum += queue->receiving.drops();
    }
    return sum;
}

void Interface::wake_receiver(Task* task) {
    _waiters.receiver = task;
    _waiters.wake_receiver();
}

void Interface::wake_sender(Task* task) {
    if (!_full || !_full->sending.await_room()) {
        task->reschedule();
        return;
    }
    _waiters.senders.push_back(task);
}

void Interface::receive(PacketBatch& batch, unsigned most, uint32_t headroom) {
    unsigned first = batch.size();
    unsigned end = first + std::min(most, batch.room());
    bool more = false;
    for (size_t left = _queues.size(); left > 0 && batch.size() < end; --left) {
        if (Fault fault = _queues[_first_queue]->receiving.receive(batch, end, headroom, more)) {
            break_off(fault);
            break;
        }
        _first_queue = _first_queue + 1 == _queues.size() ? 0 : _first_queue + 1;
    }
    int64_t now = first < batch.size() ? platform::wall_clock() : 0;
    for (unsigned i = first; i < batch.size(); ++i) {
        Packet& packet = batch[i];
        packet.set_type(type_of(packet.data(), _address));
        packet.set_mac_header(packet.data());
        packet.set_timestamp(now);
    }
    // Who gets nothing waits for an event, and there is none while there is more.
    if (more && batch.size() == first) {
        _waiters.wake_receiver();
    }
}

bool Interface::waiting() const {
    return std::any_of(_queues.begin(), _queues.end(), [](const auto& queue) { return queue->receiving.waiting(); });
}

void Interface::drop_received() {
    constexpr unsigned kAtOnce = 256;  // what one ring holds
    for (size_t left = _queues.size() * kAtOnce; left > 0;) {
        PacketBatch batch;
        receive(batch, static_cast<unsigned>(left), Packet::kDefaultHeadroom);
        if (batch.empty()) {
            break;
        }
        left -= batch.size();
    }
}

/// Packets of one flow go through one queue and keep their order.
Queue& Interface::queue_of(const Packet& packet) {
    return *_queues[_queues.size() == 1 ? 0 : flow_hash(packet.data(), packet.length()) % _queues.size()];
}

void Interface::transmit(PacketBatch& batch, PacketBatch& sent, PacketBatch& refused) {
    for (const auto& queue : _queues) {
        if (Fault fault = queue->sending.reap()) {
            break_off(fault);
            break;
        }
    }
    if (!connected()) {
        batch.move_to(refused, batch.size());
        return;
    }
    unsigned put = 0;
    while (put < batch.size()) {
        const Packet& packet = batch[put];
        Queue& queue = queue_of(packet);
        if (packet.length() < kShortestFrame || packet.length() > queue.sending.longest()) {
            batch.move_to(sent, put);
            batch.move_to(refused, 1);
            put = 0;
        } else if (queue.sending.put(packet)) {
            ++put;
        } else {
            _full = &queue;
            break;
        }
    }
    batch.move_to(sent, put);
    for (const auto& queue : _queues) {
        queue->sending.push();
    }
}

}  // namespace click::xen

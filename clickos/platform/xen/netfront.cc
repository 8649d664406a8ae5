// SPDX-License-Identifier: Apache-2.0
#include "platform/xen/netfront.hh"

#include <algorithm>
#include <atomic>
#include <utility>

#include "lang/confparse.hh"
#include "lib/format.hh"
#include "lib/offload.hh"
#include "net/ether.hh"
#include "net/ip.hh"
#include "platform/platform.hh"
#include "platform/xen/events.hh"
#include "platform/xen/grants.hh"
#include "platform/xen/machine.hh"
#include "platform/xen/memory.hh"
#include "platform/xen/xenstore.hh"

namespace click::xen {

namespace {

/// An interface takes at most this part of the free memory for its buffers.
constexpr size_t kMemoryPart = 4;
constexpr unsigned kFewestBuffers = 16;
constexpr uint32_t kShortestFrame = sizeof(EtherHeader);

/// The state that a node says, or XenbusStateUnknown.
unsigned state_at(const std::string& path) {
    std::string text;
    uint64_t state = XenbusStateUnknown;
    if (xenstore::read(path, text)) {
        parse_unsigned(text, state);
    }
    return static_cast<unsigned>(state);
}

bool write_number(const std::string& path, uint64_t number, uint32_t transaction) {
    return xenstore::write(path, std::to_string(number), transaction);
}

/// What the sender left for its hardware to do: the checksum of TCP or UDP in IPv4.
Offload blank_checksum(const uint8_t* frame, uint32_t length) {
    Offload offload;
    constexpr uint32_t kNetwork = sizeof(EtherHeader);
    constexpr uint32_t kProtocol = kNetwork + 9;
    if (length < kNetwork + sizeof(IpHeader) || frame[kNetwork] >> 4 != 4) {
        return offload;
    }
    uint8_t protocol = frame[kProtocol];
    offload.partial_checksum = protocol == kIpProtoTcp || protocol == kIpProtoUdp;
    offload.checksum_start = static_cast<uint16_t>(kNetwork + (frame[kNetwork] & 15U) * 4);
    offload.checksum_offset = protocol == kIpProtoTcp ? 16 : 6;
    return offload;
}

}  // namespace

Interface::Interface(unsigned number) : _number(number), _name("eth" + std::to_string(number)) { come_back_as(number); }

void Interface::come_back_as(unsigned seat) {
    _seat = seat;
    _path = "device/vif/" + std::to_string(seat);
}

bool Interface::provide(Page& page, size_t rest) {
    if (memory::free_page_count() <= rest) {
        return false;
    }
    page.memory = static_cast<uint8_t*>(memory::allocate_pages(1));
    page.reference = page.memory ? grants::allow(_backend_domain, page.memory) : 0;
    if (page.memory && page.reference == 0) {
        memory::free_pages(page.memory);
        page.memory = nullptr;
    }
    return page.memory != nullptr;
}

/// A page that the backend keeps stays granted and allocated for good: it could be written to at any time.
void Interface::give_up(Page& page) {
    if (page.memory && grants::revoke(page.reference)) {
        memory::free_pages(page.memory);
    }
    page = {};
}

bool Interface::connect() {
    size_t pages = memory::free_page_count() / kMemoryPart;
    size_t rest = memory::free_page_count() - pages;
    if (!provide(_tx_page, rest) || !provide(_rx_page, rest)) {
        return false;
    }
    std::memset(_tx_page.memory, 0, kPage);
    std::memset(_rx_page.memory, 0, kPage);
    auto* tx = reinterpret_cast<netif_tx_sring*>(_tx_page.memory);
    SHARED_RING_INIT(tx);
    FRONT_RING_INIT(&_tx, tx, kPage);
    auto* rx = reinterpret_cast<netif_rx_sring*>(_rx_page.memory);
    SHARED_RING_INIT(rx);
    FRONT_RING_INIT(&_rx, rx, kPage);

    // Two of three buffer pages receive.
    size_t receive = std::min<size_t>(kSlots, std::max<size_t>(kFewestBuffers, pages * 2 / 3));
    size_t send = std::min<size_t>(kSlots / 2, std::max<size_t>(kFewestBuffers / 2, pages / 3));
    Page page;
    while (_receive_pages.size() < receive && provide(page, rest)) {
        _receive_pages.push_back(page);
    }
    while (_send_pages.size() < send && provide(page, rest)) {
        _send_pages.push_back(page);
    }
    _free_sends.clear();
    for (size_t i = _send_pages.size() * 2; i-- > 0;) {
        _free_sends.push_back(static_cast<uint16_t>(i));
    }
    _sending.assign(_send_pages.size() * 2, false);
    _in_rest = false;
    _port = events::allocate(_backend_domain);
    if (_receive_pages.empty() || _send_pages.empty() || _port == 0 || !events::listen(_port, event, this)) {
        disconnect();
        return false;
    }
    for (size_t id = 0; id < _receive_pages.size(); ++id) {
        netif_rx_request* request = RING_GET_REQUEST(&_rx, _rx.req_prod_pvt++);
        request->id = static_cast<uint16_t>(id);
        request->gref = _receive_pages[id].reference;
    }
    RING_PUSH_REQUESTS(&_rx);
    _rx.sring->rsp_event = _rx.rsp_cons + 1;
    if (!publish()) {
        disconnect();
        return false;
    }
    _connected = true;
    return true;
}

/// Tells the backend where everything is: the seven nodes that an interface costs at boot.
bool Interface::publish() {
    return xenstore::transact([this](uint32_t transaction) {
        return write_number(path("tx-ring-ref"), _tx_page.reference, transaction) &&
               write_number(path("rx-ring-ref"), _rx_page.reference, transaction) &&
               write_number(path("event-channel"), _port, transaction) &&
               write_number(path("request-rx-copy"), 1, transaction) &&
               write_number(path("feature-rx-notify"), 1, transaction) &&
               // Without this node a backend may send frames whose checksum is blank.
               write_number(path("feature-no-csum-offload"), 1, transaction) &&
               write_number(path("state"), XenbusStateConnected, transaction);
    });
}

void Interface::disconnect() {
    _connected = false;
    if (_port != 0) {
        events::close(_port);
        _port = 0;
    }
    for (Page& page : _receive_pages) {
        give_up(page);
    }
    for (Page& page : _send_pages) {
        give_up(page);
    }
    _receive_pages.clear();
    _send_pages.clear();
    give_up(_tx_page);
    give_up(_rx_page);
    wake_senders();
}

void Interface::wake_senders() {
    for (Task* task : std::exchange(_senders, {})) {
        task->reschedule();
    }
}

void Interface::follow_backend() {
    std::string text;
    uint64_t domain = 0;
    if (_backend.empty()) {
        if (!xenstore::read(path("backend"), _backend) || !xenstore::read(path("backend-id"), text) ||
            !parse_unsigned(text, domain) || !xenstore::read(path("mac"), text) ||
            !parse_ether_address(text, _address)) {
            _backend.clear();
            return;
        }
        _present = true;
        _backend_domain = static_cast<domid_t>(domain);
        // The watch's first event brings us here again.
        xenstore::watch(_backend + "/state", token());
        return;
    }
    switch (state_at(_backend + "/state")) {
        case XenbusStateInitWait:
            if (_connected) {
                disconnect();  // a backend that starts anew has forgotten our rings
            }
            if (!connect()) {
                platform::log(_name + ": cannot connect: " + xenstore::error() + "\n");
            }
            break;
        case XenbusStateClosing:
            close();
            break;
        case XenbusStateClosed:
        case XenbusStateUnknown:
            close();
            // One that stays gets a new backend, which waits until the frontend starts anew; one that is detached does
            // not stay online.
            if (_closed && xenstore::read(_backend + "/online", text) && text == "1") {
                _closed = !xenstore::write(path("state"), std::to_string(XenbusStateInitialising));
            }
            break;
        default:
            break;
    }
}

void Interface::close() {
    if (_connected) {
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
    _present = false;
}

/// The backend does what the protocol does not allow: nothing more is taken from it.
void Interface::break_off(const char* what) {
    platform::log(_name + ": backend breaks the protocol: " + what + "\n");
    disconnect();
    xenstore::write(path("state"), std::to_string(XenbusStateClosed));
}

void Interface::event(void* user) {
    auto* self = static_cast<Interface*>(user);
    if (self->_receiver) {
        self->_receiver->reschedule();
    }
    self->wake_senders();
}

void Interface::wake_receiver(Task* task) {
    _receiver = task;
    if (_receiver) {
        _receiver->reschedule();
    }
}

void Interface::take_response(const netif_rx_response& response, PacketBatch& batch, uint32_t headroom) {
    constexpr unsigned kNotAFrame = NETRXF_more_data | NETRXF_extra_info;
    bool rest = _in_rest;
    _in_rest = (response.flags & kNotAFrame) != 0;
    // Without feature-sg and feature-gso a frame is one response; parts of a longer one are not for us.
    if (rest || _in_rest || response.status < static_cast<int16_t>(kShortestFrame) ||
        response.offset + static_cast<uint32_t>(response.status) > kPage) {
        ++_drops;
        return;
    }
    const uint8_t* frame = _receive_pages[response.id].memory + response.offset;
    auto length = static_cast<uint32_t>(response.status);
    PacketPtr packet = Packet::make(headroom, frame, length, Packet::kMinTailroom);
    if (packet && (response.flags & NETRXF_csum_blank)) {
        Offload offload = blank_checksum(packet->data(), length);
        if (!offload.partial_checksum || !complete_checksum(packet->mutable_data(), length, offload)) {
            packet.reset();
        }
    }
    if (!packet) {
        ++_drops;
        return;
    }
    const uint8_t* data = packet->data();
    bool group = data[0] & 1;
    bool broadcast = std::all_of(data, data + 6, [](uint8_t byte) { return byte == 0xff; });
    bool ours = std::equal(data, data + 6, _address.bytes.data());
    packet->set_type(broadcast ? Packet::Type::Broadcast
                     : group   ? Packet::Type::Multicast
                     : ours    ? Packet::Type::Host
                               : Packet::Type::OtherHost);
    packet->set_mac_header(data);
    batch.append(std::move(packet));
}

void Interface::receive(PacketBatch& batch, unsigned most, uint32_t headroom) {
    unsigned end = batch.size() + std::min(most, batch.room());
    unsigned first = batch.size();
    while (_connected && batch.size() < end) {
        RING_IDX there = std::atomic_ref(_rx.sring->rsp_prod).load(std::memory_order_acquire);
        if (there - _rx.rsp_cons > _receive_pages.size()) {
            break_off("more received than asked for");
            break;
        }
        if (there == _rx.rsp_cons) {
            // Asks for an event at the next frame, and looks once more for one that came before that.
            int more;
            RING_FINAL_CHECK_FOR_RESPONSES(&_rx, more);
            if (!more) {
                break;
            }
            continue;
        }
        while (_rx.rsp_cons != there && batch.size() < end) {
            // A copy, which the backend cannot change any more.
            netif_rx_response response;
            std::memcpy(&response, RING_GET_RESPONSE(&_rx, _rx.rsp_cons), sizeof response);
            std::atomic_signal_fence(std::memory_order_seq_cst);
            ++_rx.rsp_cons;
            if (response.id >= _receive_pages.size()) {
                break_off("unknown receive buffer");
                return;
            }
            take_response(response, batch, headroom);
            netif_rx_request* request = RING_GET_REQUEST(&_rx, _rx.req_prod_pvt++);
            request->id = response.id;
            request->gref = _receive_pages[response.id].reference;
        }
        post_buffers();
    }
    int64_t now = first < batch.size() ? platform::wall_clock() : 0;
    for (unsigned i = first; i < batch.size(); ++i) {
        batch[i].set_timestamp(now);
    }
}

void Interface::post_buffers() {
    int notify;
    RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&_rx, notify);
    if (notify) {
        events::notify(_port);
    }
}

void Interface::drop_received() {
    uint64_t drops = _drops;
    for (unsigned left = kSlots; left > 0;) {
        PacketBatch batch;
        receive(batch, left, Packet::kDefaultHeadroom);
        if (batch.empty()) {
            break;
        }
        left -= batch.size();
    }
    _drops = drops;
}

/// Takes back the slots of frames that the backend has sent.
void Interface::reap() {
    RING_IDX there = std::atomic_ref(_tx.sring->rsp_prod).load(std::memory_order_acquire);
    if (there - _tx.rsp_cons > _sending.size()) {
        break_off("more sent than asked for");
        return;
    }
    while (_tx.rsp_cons != there) {
        netif_tx_response response;
        std::memcpy(&response, RING_GET_RESPONSE(&_tx, _tx.rsp_cons++), sizeof response);
        std::atomic_signal_fence(std::memory_order_seq_cst);
        if (response.id >= _sending.size() || !_sending[response.id]) {
            break_off("unknown send buffer");
            return;
        }
        _sending[response.id] = false;
        _free_sends.push_back(response.id);
    }
}

void Interface::transmit(PacketBatch& batch, PacketBatch& sent, PacketBatch& refused) {
    if (_connected) {
        reap();
    }
    bool any = false;
    while (!batch.empty()) {
        const Packet& packet = batch[0];
        if (!_connected || packet.length() < kShortestFrame || packet.length() > kSendSize) {
            batch.move_to(refused, 1);
            continue;
        }
        if (_free_sends.empty() || RING_FULL(&_tx)) {
            break;
        }
        uint16_t id = _free_sends.back();
        _free_sends.pop_back();
        _sending[id] = true;
        const Page& page = _send_pages[id / 2];
        auto offset = static_cast<uint16_t>(id % 2 * kSendSize);
        std::memcpy(page.memory + offset, packet.data(), packet.length());
        netif_tx_request* request = RING_GET_REQUEST(&_tx, _tx.req_prod_pvt++);
        request->gref = page.reference;
        request->offset = offset;
        request->flags = 0;
        request->id = id;
        request->size = static_cast<uint16_t>(packet.length());
        batch.move_to(sent, 1);
        any = true;
    }
    if (any) {
        int notify;
        RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&_tx, notify);
        if (notify) {
            events::notify(_port);
        }
    }
}

bool Interface::await_room() {
    if (!_connected) {
        return false;
    }
    int more;
    RING_FINAL_CHECK_FOR_RESPONSES(&_tx, more);
    return !more;
}

namespace interfaces {

namespace {

constexpr const char* kFolder = "device/vif";
constexpr const char* kFolderToken = "vif";

/// Never gets shorter: elements hold pointers.
constinit std::vector<std::unique_ptr<Interface>>* all = nullptr;

Interface* at_seat(uint64_t number) {
    for (const auto& one : *all) {
        if (one->seat() == number) {
            return one.get();
        }
    }
    return nullptr;
}

/// The interface that was detached and has the Ethernet address of the one attached as `number`, now under that number;
/// null when there is none.
Interface* absent_with_address(uint64_t number) {
    std::string text;
    EtherAddress address;
    if (!xenstore::read(kFolder + ("/" + std::to_string(number)) + "/mac", text) ||
        !parse_ether_address(text, address)) {
        return nullptr;
    }
    for (const auto& one : *all) {
        if (!one->present() && one->address() == address) {
            one->come_back_as(static_cast<unsigned>(number));
            return one.get();
        }
    }
    return nullptr;
}

/// Compares the toolstack's list of interfaces with ours.
void look() {
    std::vector<std::string> names;
    if (!xenstore::list(kFolder, names)) {
        names.clear();
    }
    std::vector<uint64_t> numbers;
    for (const std::string& name : names) {
        uint64_t number;
        if (parse_unsigned(name, number)) {
            numbers.push_back(number);
        }
    }
    std::sort(numbers.begin(), numbers.end());
    for (const auto& one : *all) {
        if (one->present() && !std::binary_search(numbers.begin(), numbers.end(), one->seat())) {
            one->vanish();
        }
    }
    for (uint64_t number : numbers) {
        Interface* one = at_seat(number);
        if (!one) {
            one = absent_with_address(number);
        }
        if (!one) {
            all->push_back(std::make_unique<Interface>(static_cast<unsigned>(number)));
            one = all->back().get();
        }
        if (!one->present()) {
            one->follow_backend();
        }
    }
}

}  // namespace

void start() {
    all = new std::vector<std::unique_ptr<Interface>>;
    look();
    xenstore::watch(kFolder, kFolderToken);
}

bool follow(const std::string&, const std::string& token) {
    if (token == kFolderToken) {
        look();
        return true;
    }
    constexpr std::string_view kPrefix = "vif/";
    uint64_t number;
    if (!token.starts_with(kPrefix) || !parse_unsigned(std::string_view(token).substr(kPrefix.size()), number)) {
        return false;
    }
    if (Interface* one = at_seat(number)) {
        one->follow_backend();
    }
    return true;
}

Interface* find(std::string_view name) {
    EtherAddress wanted;
    bool by_address = parse_ether_address(name, wanted);
    for (const auto& one : *all) {
        if (one->present() &&
            (by_address ? one->address() == wanted : name == one->name() || name == std::to_string(one->number()))) {
            return one.get();
        }
    }
    return nullptr;
}

}  // namespace interfaces

}  // namespace click::xen

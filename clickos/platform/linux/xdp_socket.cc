// SPDX-License-Identifier: Apache-2.0
//
// An AF_XDP socket over the arena, by libxdp, which has no program to load: that is XdpProgram's.
#include "platform/linux/xdp_socket.hh"

#include <linux/if_xdp.h>
#include <sys/socket.h>

#include <click/errorhandler.hh>
#include <click/worker.hh>

#include <algorithm>
#include <cerrno>
#include <map>
#include <utility>

#include "platform/linux/interface.hh"
#include "platform/linux/xdp_arena.hh"

namespace click {

namespace {

namespace arena = xdp_arena;

/// Sockets by interface and queue.
using Sockets = std::map<std::pair<unsigned, unsigned>, std::weak_ptr<XdpSocket>>;

constinit SpinLock sockets_lock;
constinit Sockets* sockets = nullptr;

constexpr uint64_t address_of(uint32_t chunk) { return uint64_t{chunk} * arena::kChunkSize; }

}  // namespace

XdpSocket::XdpSocket() : _lent(arena::kChunks), _held(arena::kChunks) {}

std::shared_ptr<XdpSocket> XdpSocket::open(const std::string& name, unsigned index, unsigned queue,
                                           ErrorHandler& errh) {
    SpinLock::Hold hold(&sockets_lock);
    if (!sockets) {
        sockets = new Sockets;
    }
    std::weak_ptr<XdpSocket>& place = (*sockets)[{index, queue}];
    if (std::shared_ptr<XdpSocket> socket = place.lock()) {
        return socket;
    }
    auto socket = std::make_shared<XdpSocket>();
    if (!arena::prepare() || !socket->create(name, queue)) {
        platform::refuse(errh, name,
                         errno == EBUSY ? "METHOD XDP: another program has an AF_XDP socket at this queue"
                                        : "METHOD XDP: cannot open an AF_XDP socket");
        return nullptr;
    }
    place = socket;
    return socket;
}

bool XdpSocket::create(const std::string& name, unsigned queue) {
    xsk_umem_config memory{};
    memory.fill_size = kReceiveSlots;
    memory.comp_size = 2 * kSendSlots;
    memory.frame_size = arena::kChunkSize;
    int error = xsk_umem__create(&_umem, arena::start(), arena::kSize, &_fill, &_completion, &memory);
    if (error == 0) {
        xsk_socket_config config{};
        config.rx_size = kReceiveSlots;
        config.tx_size = kSendSlots;
        config.libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD;
        // Neither XDP_COPY nor XDP_ZEROCOPY: the kernel does without copying where the driver can.
        config.bind_flags = XDP_USE_NEED_WAKEUP;
        error = xsk_socket__create(&_socket, name.c_str(), queue, _umem, &_rx, &_tx, &config);
    }
    if (error != 0) {
        errno = -error;
        return false;
    }
    xdp_options options{};
    socklen_t size = sizeof options;
    _zero_copy = getsockopt(fd(), SOL_XDP, XDP_OPTIONS, &options, &size) == 0 && (options.flags & XDP_OPTIONS_ZEROCOPY);
    constexpr int kSendBuffer = 4 << 20;
    platform::grow_buffer(fd(), SO_SNDBUF, SO_SNDBUFFORCE, kSendBuffer);
    return true;
}

XdpSocket::~XdpSocket() {
    if (_socket) {
        xsk_socket__delete(_socket);
    }
    if (_umem) {
        xsk_umem__delete(_umem);
    }
    for (uint32_t chunk = 0; chunk < arena::kChunks; ++chunk) {
        bool copied = _held[chunk] && arena::chunk_of(_held[chunk]->data()) != chunk;
        if (_held[chunk]) {
            _held[chunk]->release();
        }
        if (_lent[chunk] || copied) {
            arena::give_back(chunk);
        }
    }
}

bool XdpSocket::claim(const void*& place, const void* owner) {
    SpinLock::Hold hold(&sockets_lock);
    place = place ? place : owner;
    return place == owner;
}

void XdpSocket::leave(const void* owner) {
    SpinLock::Hold hold(&sockets_lock);
    _receiver = _receiver == owner ? nullptr : _receiver;
    _sender = _sender == owner ? nullptr : _sender;
}

bool XdpSocket::fill() {
    if (_filled) {
        return true;
    }
    uint32_t at;
    if (xsk_ring_prod__reserve(&_fill, kReceiveSlots, &at) != kReceiveSlots) {
        return false;
    }
    uint32_t count = 0;
    for (; count < kReceiveSlots; ++count) {
        uint32_t chunk = arena::take();
        if (chunk == arena::kNone) {
            break;
        }
        *xsk_ring_prod__fill_addr(&_fill, at + count) = address_of(chunk);
        _lent[chunk] = true;
    }
    if (count < kReceiveSlots) {
        // Nothing was submitted: the next socket takes what was gathered.
        for (uint32_t i = 0; i < count; ++i) {
            auto chunk = static_cast<uint32_t>(*xsk_ring_prod__fill_addr(&_fill, at + i) / arena::kChunkSize);
            _lent[chunk] = false;
            arena::give_back(chunk);
        }
        _fill.cached_prod -= kReceiveSlots;
        return false;
    }
    xsk_ring_prod__submit(&_fill, kReceiveSlots);
    _filled = true;
    return true;
}

void XdpSocket::receive(PacketBatch& batch, unsigned most, uint32_t headroom, uint64_t& lost) {
    uint32_t from;
    uint32_t count = xsk_ring_cons__peek(&_rx, std::min(most, batch.room()), &from);
    if (count == 0) {
        if (xsk_ring_prod__needs_wakeup(&_fill)) {
            recvfrom(fd(), nullptr, 0, MSG_DONTWAIT, nullptr, nullptr);
        }
        return;
    }
    // There is room: the ring has a slot for each chunk that the kernel can have.
    uint32_t to = 0;
    xsk_ring_prod__reserve(&_fill, count, &to);
    bool keep = arena::plenty();
    for (uint32_t i = 0; i < count; ++i) {
        const xdp_desc* frame = xsk_ring_cons__rx_desc(&_rx, from + i);
        auto chunk = static_cast<uint32_t>(frame->addr / arena::kChunkSize);
        auto offset = static_cast<uint32_t>(frame->addr % arena::kChunkSize);
        uint32_t replacement = keep ? arena::take() : arena::kNone;
        PacketPtr packet;
        if (replacement != arena::kNone) {
            packet = arena::packet_in(chunk, offset, frame->len);
            if (!packet) {
                arena::give_back(replacement);
            }
        }
        if (!packet) {
            replacement = chunk;
            packet = Packet::make(headroom, arena::chunk_start(chunk) + offset, frame->len, Packet::kMinTailroom);
            lost += packet ? 0 : 1;
        }
        _lent[chunk] = false;
        _lent[replacement] = true;
        *xsk_ring_prod__fill_addr(&_fill, to + i) = address_of(replacement);
        batch.append(std::move(packet));
    }
    xsk_ring_cons__release(&_rx, count);
    xsk_ring_prod__submit(&_fill, count);
}

bool XdpSocket::received() const { return __atomic_load_n(_rx.producer, __ATOMIC_ACQUIRE) != _rx.cached_cons; }

uint64_t XdpSocket::drops() const {
    xdp_statistics statistics{};
    socklen_t size = sizeof statistics;
    bool known = getsockopt(fd(), SOL_XDP, XDP_STATISTICS, &statistics, &size) == 0;
    return known ? statistics.rx_dropped + statistics.rx_ring_full : 0;
}

/// The chunk that a packet is sent from: its own, or a copy; kNone when there is none free.
uint32_t XdpSocket::place(Packet& packet) {
    uint32_t chunk = packet.shared() ? arena::kNone : arena::chunk_of(packet.data());
    if (chunk != arena::kNone) {
        return chunk;
    }
    chunk = arena::take();
    if (chunk != arena::kNone) {
        std::memcpy(arena::chunk_start(chunk), packet.data(), packet.length());
    }
    return chunk;
}

void XdpSocket::put(PacketBatch& batch) {
    uint32_t room = std::min(xsk_prod_nb_free(&_tx, batch.size()), batch.size());
    uint32_t at;
    xsk_ring_prod__reserve(&_tx, room, &at);
    uint32_t count = 0;
    for (; count < room; ++count) {
        Packet& packet = batch[count];
        uint32_t chunk = place(packet);
        if (chunk == arena::kNone) {
            break;
        }
        xdp_desc* frame = xsk_ring_prod__tx_desc(&_tx, at + count);
        const uint8_t* chunk_start = arena::chunk_start(chunk);
        bool in_place = arena::chunk_of(packet.data()) == chunk;
        frame->addr = address_of(chunk) + (in_place ? static_cast<uint64_t>(packet.data() - chunk_start) : 0);
        frame->len = packet.length();
        frame->options = 0;
        _held[chunk] = &packet;
    }
    _tx.cached_prod -= room - count;
    xsk_ring_prod__submit(&_tx, count);
    Packet* taken[PacketBatch::kCapacity];
    batch.release_to(taken, count);
    _held_count += count;
}

int XdpSocket::send() {
    auto unsent = [&] { return *_tx.producer - __atomic_load_n(_tx.consumer, __ATOMIC_ACQUIRE); };
    if (!xsk_ring_prod__needs_wakeup(&_tx)) {
        return 0;
    }
    for (uint32_t left = unsent(); left > 0;) {
        if (sendto(fd(), nullptr, 0, MSG_DONTWAIT, nullptr, 0) >= 0) {
            return 0;
        }
        int error = errno;
        // The kernel copies so many frames a call, and then wants to be called again.
        uint32_t before = left;
        left = unsent();
        if ((error != EAGAIN && error != EINTR) || left == before) {
            return error;
        }
    }
    return 0;
}

void XdpSocket::collect(PacketBatch& sent) {
    uint32_t from;
    uint32_t count = xsk_ring_cons__peek(&_completion, sent.room(), &from);
    for (uint32_t i = 0; i < count; ++i) {
        auto chunk = static_cast<uint32_t>(*xsk_ring_cons__comp_addr(&_completion, from + i) / arena::kChunkSize);
        PacketPtr packet(std::exchange(_held[chunk], nullptr));
        if (arena::chunk_of(packet->data()) != chunk) {
            arena::give_back(chunk);
        }
        sent.append(std::move(packet));
    }
    xsk_ring_cons__release(&_completion, count);
    _held_count -= count;
}

}  // namespace click

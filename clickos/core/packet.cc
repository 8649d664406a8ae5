// SPDX-License-Identifier: Apache-2.0
#include <click/annotations.hh>
#include <click/packet.hh>

#include <algorithm>
#include <cstddef>
#include <new>

#include "lib/poison.hh"
#include "platform/platform.hh"

namespace click {

namespace {

enum Storage : uint8_t { kPooled, kHeap, kForeign, kShared };

}  // namespace

/// Free packets of one worker, or a part of all workers'. The packet that was freed last, still in cache, is the next one
/// used.
struct FreePackets {
    Packet* first = nullptr;
    unsigned count = 0;
};

/// Packets and their buffers, in slabs that are never given back. Each worker has a stack of free ones, and one more that is
/// full or empty; full ones go to a stock that all share, from where a worker comes by packets that it made and others freed.
class PacketPool {
public:
    /// What one pooled buffer holds: an Ethernet frame with VLAN tag, head- and tailroom.
    static constexpr size_t kBufferSize = 2048;

    static Packet* take() {
        Packet* packet = _whole.take();
        if (!packet) [[unlikely]] {
            packet = take_more();
        }
        if (packet) {
            unpoison(packet->_buffer, kBufferSize);
        }
        return packet;
    }

    static void give_back(Packet* packet) {
        poison(packet->_buffer, kBufferSize);
        _whole.give_back(packet);
    }

    /// A packet's metadata alone, for clones and foreign buffers.
    static Packet* take_header() {
        Packet* packet = _headers.take();
        return packet ? packet : take_more_headers();
    }

    static void give_header_back(Packet* packet) { _headers.give_back(packet); }

private:
    static constexpr unsigned kSlabPackets = 32;
    /// What goes to and from the stock at once.
    static constexpr unsigned kStack = 256;
    /// Buffers that begin at the same offset of a page would all fall into the same sets of the first-level cache; an
    /// odd number of cache lines between them spreads them over all sets.
    static constexpr size_t kStride = kBufferSize + 64;

    /// Full stacks, joined by a pointer that free packets do not use.
    struct Stock {
        SpinLock lock;
        Packet* first = nullptr;

        void put(Packet* stack) {
            SpinLock::Hold hold(&lock);
            stack->_release_user = first;
            first = stack;
        }
        Packet* take() {
            SpinLock::Hold hold(&lock);
            Packet* stack = first;
            if (stack) {
                first = static_cast<Packet*>(stack->_release_user);
            }
            return stack;
        }
    };

    struct Cache {
        FreePackets free;
        Packet* full;  ///< a full stack, or null
        Stock* stock;

        Packet* take() {
            Packet* packet = free.first;
            if (packet) {
                free.first = packet->_owner;
                if constexpr (kSeveralWorkers) {
                    --free.count;
                }
            }
            return packet;
        }
        void give_back(Packet* packet) {
            packet->_owner = free.first;
            free.first = packet;
            if constexpr (kSeveralWorkers) {
                if (++free.count == kStack) [[unlikely]] {
                    put_aside();
                }
            }
        }
        [[gnu::noinline]] void put_aside() {
            if (full) {
                stock->put(full);
            }
            full = free.first;
            free = {};
        }
        /// Makes the full stack, or one of the stock, the one that is used. False when there is none.
        bool refill() {
            if constexpr (kSeveralWorkers) {
                Packet* stack = full ? full : stock->take();
                full = nullptr;
                free = {stack, stack ? kStack : 0};
                return stack != nullptr;
            } else {
                return false;
            }
        }
    };

    [[gnu::noinline]] static Packet* take_more() {
        if (!_whole.refill()) {
            grow();
        }
        return _whole.take();
    }

    [[gnu::noinline]] static Packet* take_more_headers() {
        if (!_headers.refill()) {
            grow_headers();
        }
        return _headers.take();
    }

    static void grow() {
        constexpr size_t headers = kSlabPackets * sizeof(Packet);
        auto* memory = static_cast<uint8_t*>(platform::packet_memory(headers + kSlabPackets * kStride));
        if (!memory) {
            return;
        }
        for (unsigned i = kSlabPackets; i-- > 0;) {
            Packet* packet = new (memory + i * sizeof(Packet)) Packet;
            packet->_buffer = memory + headers + i * kStride;
            packet->_storage = kPooled;
            packet->_size = kBufferSize;
            give_back(packet);
        }
    }

    static void grow_headers() {
        auto* memory = static_cast<uint8_t*>(platform::packet_memory(kSlabPackets * sizeof(Packet)));
        if (!memory) {
            return;
        }
        for (unsigned i = kSlabPackets; i-- > 0;) {
            give_header_back(new (memory + i * sizeof(Packet)) Packet);
        }
    }

    static constinit Stock _whole_stock;
    static constinit Stock _header_stock;
    static constinit CLICK_PER_WORKER Cache _whole;
    static constinit CLICK_PER_WORKER Cache _headers;
};

constinit PacketPool::Stock PacketPool::_whole_stock;
constinit PacketPool::Stock PacketPool::_header_stock;
constinit CLICK_PER_WORKER PacketPool::Cache PacketPool::_whole{{}, nullptr, &PacketPool::_whole_stock};
constinit CLICK_PER_WORKER PacketPool::Cache PacketPool::_headers{{}, nullptr, &PacketPool::_header_stock};

void Packet::reset(uint32_t headroom, uint32_t length) {
    constexpr size_t kLine = 64;
    static_assert(sizeof(Packet) == 2 * kLine);
    static_assert(offsetof(Packet, _storage) < kLine, "release() reads the first cache line only");
    static_assert(offsetof(Packet, _anno) + anno::kMiscIp <= kLine, "so does a router between ARP and IP");
    _data = _buffer + headroom;
    _length = length;
    _type = Type::Host;
    _mac = _network = _transport = kNone;
    std::memset(_anno, 0, sizeof _anno);
    _owner = nullptr;
    _timestamp = 0;
    _references = 1;
}

PacketPtr Packet::make(size_t headroom, const void* data, uint32_t length, size_t tailroom) {
    size_t size = headroom + length + tailroom;
    Packet* packet;
    if (size <= PacketPool::kBufferSize) [[likely]] {
        packet = PacketPool::take();
    } else {
        packet = make_long(size);
    }
    if (!packet) [[unlikely]] {
        return {};
    }
    packet->reset(static_cast<uint32_t>(headroom), length);
    if (data) {
        std::memcpy(packet->_data, data, length);
    }
    return PacketPtr(packet);
}

/// A packet around a buffer of `size` bytes, more than pooled ones have.
Packet* Packet::make_long(size_t size) {
    if (size > UINT32_MAX) {
        return nullptr;
    }
    Packet* packet = PacketPool::take_header();
    auto* buffer = packet ? static_cast<uint8_t*>(platform::take_memory(size, true)) : nullptr;
    if (!buffer) {
        if (packet) {
            PacketPool::give_header_back(packet);
        }
        return nullptr;
    }
    packet->_storage = kHeap;
    packet->_buffer = buffer;
    packet->_size = static_cast<uint32_t>(size);
    return packet;
}

PacketPtr Packet::wrap(uint8_t* buffer, uint32_t size, uint32_t headroom, uint32_t length, BufferRelease release,
                       void* user) {
    Packet* packet = PacketPool::take_header();
    if (!packet) {
        return {};
    }
    packet->_storage = kForeign;
    packet->_buffer = buffer;
    packet->_size = size;
    packet->_release = release;
    packet->_release_user = user;
    packet->reset(headroom, length);
    return PacketPtr(packet);
}

PacketPtr Packet::clone() {
    Packet* copy = PacketPool::take_header();
    if (!copy) {
        return {};
    }
    if constexpr (kSeveralWorkers) {
        // Another worker may be dropping a clone meanwhile.
        constexpr size_t kBefore = offsetof(Packet, _references);
        constexpr size_t kBehind = kBefore + sizeof _references;
        std::memcpy(static_cast<void*>(copy), this, kBefore);
        std::memcpy(reinterpret_cast<uint8_t*>(copy) + kBehind, reinterpret_cast<const uint8_t*>(this) + kBehind,
                    sizeof *this - kBehind);
    } else {
        std::memcpy(static_cast<void*>(copy), this, sizeof *this);
    }
    Packet* owner = _owner ? _owner : this;
    copy->_references = kClone;
    copy->_storage = kShared;
    copy->_owner = owner;
    if constexpr (kSeveralWorkers) {
        __atomic_fetch_add(&owner->_references, 1, __ATOMIC_RELAXED);
    } else {
        ++owner->_references;
    }
    return PacketPtr(copy);
}

/// True for who was the last. Several workers may drop clones at once, but who has the only reference knows that nobody else
/// can make another one.
inline bool Packet::drop_reference() {
    if constexpr (kSeveralWorkers) {
        return references() == 1 || _storage == kShared || __atomic_fetch_sub(&_references, 1, __ATOMIC_ACQ_REL) == 1;
    } else {
        return _storage == kShared || --_references == 0;
    }
}

void Packet::release() {
    if (drop_reference()) [[likely]] {
        recycle();
    }
}

void Packet::release_all(Packet* const* packets, unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
        if (packets[i]->drop_reference()) [[likely]] {
            packets[i]->recycle();
        }
    }
}

inline void Packet::recycle() {
    if (_storage == kPooled) [[likely]] {
        PacketPool::give_back(this);
    } else {
        recycle_other();
    }
}

/// Packets whose buffers do not come from the pool.
void Packet::recycle_other() {
    switch (_storage) {
        case kHeap:
            platform::give_back_memory(_buffer);
            break;
        case kForeign:
            _release(_buffer, _size, _release_user);
            break;
        case kShared:
            _owner->release();
            break;
        default:
            platform::panic("packet metadata overwritten");
    }
    PacketPool::give_header_back(this);
}

PacketPtr Packet::copy(size_t headroom, size_t tailroom) const {
    PacketPtr copy = make(headroom, _data, _length, tailroom);
    if (copy) {
        copy->copy_annotations(*this);
        // Headers may lie before the data (after Strip): their positions move along, and so must their bytes.
        auto before = static_cast<uint32_t>(std::min<size_t>(this->headroom(), headroom));
        std::memcpy(copy->_data - before, _data - before, before);
        ptrdiff_t moved = copy->headroom() - ptrdiff_t{this->headroom()};
        auto position = [&](uint16_t old) {
            return old == kNone ? kNone : copy->position(copy->_buffer + old + moved);
        };
        copy->_mac = position(_mac);
        copy->_network = position(_network);
        copy->_transport = position(_transport);
    }
    return copy;
}

void Packet::copy_annotations(const Packet& other) {
    std::memcpy(_anno, other._anno, sizeof _anno);
    _type = other._type;
    _timestamp = other._timestamp;
}

void Packet::clear_annotations() {
    std::memset(_anno, 0, sizeof _anno);
    _type = Type::Host;
    _timestamp = 0;
}

}  // namespace click

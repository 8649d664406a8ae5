// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/packet.hh>

namespace click {

/// Up to 64 packets that travel together, so that a virtual call, a branch history and a cache line of code serve many.
///
/// A batch owns its packets; those that are in it when it dies are dropped.
class PacketBatch {
public:
    static constexpr unsigned kCapacity = 64;

    PacketBatch() = default;
    explicit PacketBatch(PacketPtr packet) { append(std::move(packet)); }
    PacketBatch(const PacketBatch&) = delete;
    PacketBatch& operator=(const PacketBatch&) = delete;
    ~PacketBatch() { clear(); }

    unsigned size() const { return _count; }
    bool empty() const { return _count == 0; }
    bool full() const { return _count == kCapacity; }
    unsigned room() const { return kCapacity - _count; }
    Packet& operator[](unsigned index) { return *_packets[index]; }
    const Packet& operator[](unsigned index) const { return *_packets[index]; }

    /// Iterates as `Packet*`; the batch stays the owner.
    Packet* const* begin() const { return _packets; }
    Packet* const* end() const { return _packets + _count; }

    /// Appends a packet; a null handle is nothing. The batch must not be full.
    void append(PacketPtr packet) {
        if (packet) {
            if constexpr (kChecked) {
                require_room(1);
            }
            _packets[_count++] = packet.release();
        }
    }

    /// Takes all packets out, in order, and gives each to `each(PacketPtr)`.
    template <typename F>
    void drain(F each) {
        unsigned count = _count;
        _count = 0;
        for (unsigned i = 0; i < count; ++i) {
            each(PacketPtr(_packets[i]));
        }
    }

    /// Replaces each packet by `each(PacketPtr) -> PacketPtr`; those that come back null leave the batch.
    template <typename F>
    void map(F each) {
        unsigned count = _count;
        unsigned kept = 0;
        _count = 0;
        for (unsigned i = 0; i < count; ++i) {
            if (PacketPtr packet = each(PacketPtr(_packets[i]))) {
                _packets[kept++] = packet.release();
            }
        }
        _count = kept;
    }

    /// Moves the first `count` packets to the end of `other`, which must have room.
    void move_to(PacketBatch& other, unsigned count) {
        if constexpr (kChecked) {
            other.require_room(count);
        }
        std::memcpy(other._packets + other._count, _packets, count * sizeof _packets[0]);
        other._count += count;
        _count -= count;
        std::memmove(_packets, _packets + count, _count * sizeof _packets[0]);
    }

    /// Takes the first `count` packets out, to whoever owns the array `packets`.
    void release_to(Packet** packets, unsigned count) {
        std::memcpy(packets, _packets, count * sizeof _packets[0]);
        _count -= count;
        std::memmove(_packets, _packets + count, _count * sizeof _packets[0]);
    }

    /// Appends `count` packets that the caller owned; the batch must have room.
    void adopt(Packet* const* packets, unsigned count) {
        if constexpr (kChecked) {
            require_room(count);
        }
        std::memcpy(_packets + _count, packets, count * sizeof _packets[0]);
        _count += count;
    }

    /// Drops all packets.
    void clear() {
        if (_count > 0) {
            Packet::release_all(_packets, _count);
            _count = 0;
        }
    }

private:
#if defined(__SANITIZE_ADDRESS__) || defined(CLICK_DEBUG)
    static constexpr bool kChecked = true;
#else
    static constexpr bool kChecked = false;
#endif
    void require_room(unsigned count) const {
        if (count > room()) {
            __builtin_trap();
        }
    }

    unsigned _count = 0;
    Packet* _packets[kCapacity];
};

}  // namespace click

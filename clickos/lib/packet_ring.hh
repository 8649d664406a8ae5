// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/batch.hh>

#include <algorithm>

#include "lib/table.hh"

namespace click {

/// Packets first-in first-out, as many as fit into memory that is taken once.
class PacketRing {
public:
    PacketRing() = default;
    PacketRing(const PacketRing&) = delete;
    PacketRing& operator=(const PacketRing&) = delete;
    ~PacketRing() { clear(); }

    /// Takes memory for `capacity` packets; the ring must be empty. -1 after a report.
    [[nodiscard]] int allocate(uint32_t capacity, ErrorHandler& errh) {
        return _packets.allocate(capacity, "packets", errh);
    }
    uint32_t capacity() const { return static_cast<uint32_t>(_packets.size()); }
    uint32_t length() const { return _length; }
    bool empty() const { return _length == 0; }

    /// Takes packets from the front of the batch while there is room.
    void append(PacketBatch& batch) {
        for (uint32_t count = std::min(batch.size(), capacity() - _length); count > 0;) {
            uint32_t tail = _head + _length;
            tail -= tail >= capacity() ? capacity() : 0;
            uint32_t run = std::min(count, capacity() - tail);
            batch.release_to(_packets.data() + tail, run);
            _length += run;
            count -= run;
        }
    }
    /// Moves at most `most` packets to the batch, as far as it has room.
    void take(PacketBatch& batch, uint32_t most) {
        for (uint32_t count = std::min({most, batch.room(), _length}); count > 0;) {
            uint32_t run = std::min(count, capacity() - _head);
            batch.adopt(_packets.data() + _head, run);
            _head += run;
            _head -= _head >= capacity() ? capacity() : 0;
            _length -= run;
            count -= run;
        }
    }
    void clear() {
        while (!empty()) {
            PacketBatch dropped;
            take(dropped, dropped.room());
        }
    }

private:
    Table<Packet*> _packets;
    uint32_t _head = 0;
    uint32_t _length = 0;
};

}  // namespace click

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/packet.hh>

#include <cstdint>
#include <string>
#include <vector>

#include "net/etheraddress.hh"
#include "net/ipaddress.hh"

namespace click {

/// IP to Ethernet mappings (RFC 826) and the packets that wait for them. Time is given to it as monotonic nanoseconds;
/// whoever holds it calls `expire` at `next_event`, so that `lookup` needs no clock. Memory is bounded.
class ArpTable {
public:
    struct Limits {
        uint32_t packets = 2048;              ///< waiting in all; 0: no limit
        uint32_t entries = 0;                 ///< 0: kMostEntries
        uint32_t entry_packets = 0;           ///< waiting for one address; 0: no limit
        uint32_t slim_factor = 2;             ///< 1/slim_factor of the waiting packets go when there are too many
        int64_t timeout = 300'000'000'000;    ///< how long a mapping holds; 0: for ever
        int64_t poll_after = 60'000'000'000;  ///< age from which its use asks for a renewal; 0: never
    };
    /// Entries when no limit is given: an attacker who makes us ask for a whole network must not use up memory.
    static constexpr uint32_t kMostEntries = 65536;

    struct Entry {
        IPAddress ip;
        EtherAddress ether = EtherAddress::broadcast();
        bool known = false;
        bool stale = false;  ///< known, and to be asked for again
        uint8_t unanswered = 0;
        int64_t live_at = 0;  ///< last reply, or when it was first asked for
        int64_t asked_at = INT64_MIN / 2;
        std::vector<PacketPtr> waiting;
        uint32_t older = kNone;
        uint32_t newer = kNone;
    };

    ArpTable() { clear(); }
    ArpTable(const ArpTable&) = delete;
    ArpTable& operator=(const ArpTable&) = delete;

    void set_limits(const Limits& limits) { _limits = limits; }
    const Limits& limits() const { return _limits; }

    /// The entry if its Ethernet address is known, or null. Valid until the table changes.
    const Entry* lookup(IPAddress ip) const {
        for (uint32_t slot = hash(ip);; slot = (slot + 1) & _slot_mask) {
            const Slot& one = _slots[slot];
            if (one.entry == kNone) {
                return nullptr;
            }
            if (one.ip == ip) {
                const Entry& entry = _entries[one.entry];
                return entry.known ? &entry : nullptr;
            }
        }
    }

    /// Keeps a packet for an unknown address. True if it is time to ask for it.
    bool wait_for(IPAddress ip, PacketPtr packet, int64_t now);
    /// True if it is time to ask again for a stale address.
    bool ask_again(IPAddress ip, int64_t now);
    /// Notes a mapping; packets that waited for it are appended to `released` in the order of their arrival.
    void learn(IPAddress ip, const EtherAddress& ether, int64_t now, std::vector<PacketPtr>& released);
    /// Forgets a mapping and drops what waits for it; false when there is none.
    bool erase(IPAddress ip);
    void clear();

    /// Forgets what is too old, marks what is stale.
    void expire(int64_t now);
    /// When `expire` has work next, or -1.
    int64_t next_event() const;

    /// Takes over another table's entries and packets as far as the limits allow, and leaves it empty.
    void take(ArpTable& other);

    uint32_t size() const { return _size; }
    uint32_t waiting_packets() const { return _waiting; }
    uint64_t drops() const { return _drops; }
    /// `IP known ETHER age` lines, oldest first.
    std::string unparse(int64_t now) const;

private:
    static constexpr uint32_t kNone = 0xffffffff;

    struct Slot {
        IPAddress ip;
        uint32_t entry = kNone;
    };

    uint32_t hash(IPAddress ip) const { return (ip.network_order() * 0x9e3779b1U) >> _slot_shift; }
    uint32_t find(IPAddress ip) const;
    uint32_t ensure(IPAddress ip, int64_t now);
    void resize_slots(uint32_t count);
    void fill_slot(IPAddress ip, uint32_t index);
    void remove(uint32_t index);
    void unlink(uint32_t index);
    void link_newest(uint32_t index);
    bool ask(Entry& entry, int64_t now);
    void drop_waiting(Entry& entry, size_t count);
    void slim_packets();
    uint32_t most_entries() const { return _limits.entries != 0 ? _limits.entries : kMostEntries; }

    Limits _limits;
    std::vector<Slot> _slots;
    uint32_t _slot_mask = 0;
    int _slot_shift = 0;
    std::vector<Entry> _entries;
    std::vector<uint32_t> _free;
    uint32_t _oldest = kNone;
    uint32_t _newest = kNone;
    uint32_t _size = 0;
    uint32_t _waiting = 0;
    uint64_t _drops = 0;
};

}  // namespace click

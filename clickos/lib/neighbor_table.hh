// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/batch.hh>

#include <cstdint>
#include <string>

#include "lib/flow_table.hh"
#include "lib/table.hh"
#include "net/etheraddress.hh"
#include "net/ip6address.hh"
#include "net/ipaddress.hh"

namespace click {

/// Network addresses (IPAddress or IP6Address) on an Ethernet (RFC 826, RFC 4861), and the packets that wait for them. Time is given to it as monotonic nanoseconds;
/// whoever holds it calls `expire` at `next_event`, so that `lookup` needs no clock.
///
/// The network decides nothing about its memory: that is taken by `set_limits`, an answer is only noted if somebody asked
/// for it or it is about a known address, and addresses that nobody answers for never push out known ones.
template <typename Address>
class NeighborTable {
public:
    struct Limits {
        uint32_t packets = 2048;              ///< waiting in all; 0: kMostPackets
        uint32_t entries = 0;                 ///< 0: kMostEntries
        uint32_t entry_packets = 0;           ///< waiting for one address; 0: no limit
        uint32_t slim_factor = 2;             ///< 1/slim_factor of the waiting packets go when there are too many
        int64_t timeout = 300'000'000'000;    ///< how long a mapping holds; 0: for ever
        int64_t poll_after = 60'000'000'000;  ///< age from which its use asks for a renewal; 0: never
    };
    /// Where no limit is given, as far as a sixteenth of the memory that is free holds them.
    static constexpr uint32_t kMostEntries = 65536;
    static constexpr uint32_t kMostPackets = 65536;

    struct Entry {
        Address ip;
        EtherAddress ether;
        bool known;
        bool stale;  ///< known, and to be asked for again
        uint8_t unanswered;
        int64_t live_at;  ///< last reply, or when it was first asked for
        int64_t asked_at;
        uint32_t first_waiting;  ///< a link, as the others: 0 for none, else 1 + index
        uint32_t last_waiting;
        uint32_t waiting;
        uint32_t older;  ///< of the known ones or of the others
        uint32_t newer;
    };

    NeighborTable() = default;
    NeighborTable(const NeighborTable&) = delete;
    NeighborTable& operator=(const NeighborTable&) = delete;
    ~NeighborTable() { clear(); }

    /// Takes memory for that much, and takes over what the table holds as far as it fits. -1 after a report, and nothing
    /// has changed. Before, it holds nothing.
    int set_limits(const Limits& limits, ErrorHandler& errh);
    void set_poll_after(int64_t age) { _limits.poll_after = age; }
    const Limits& limits() const { return _limits; }

    /// The entry if its Ethernet address is known, or null. Valid until the table changes.
    const Entry* lookup(const Address& ip) const {
        const Entry* entry = find(ip);
        return entry && entry->known ? entry : nullptr;
    }

    /// Keeps a packet for an unknown address. True if it is time to ask for it.
    bool wait_for(const Address& ip, PacketPtr packet, int64_t now);
    /// True if it is time to ask again for a stale address.
    bool ask_again(const Address& ip, int64_t now);
    /// Notes what somebody answered. True if packets wait for it, which `release` gives.
    bool learn(const Address& ip, const EtherAddress& ether, int64_t now);
    /// Notes what an operator says, whether or not anybody has asked.
    bool insert(const Address& ip, const EtherAddress& ether, int64_t now);
    /// Notes what another table knows, and when it was answered. False when there is no room.
    bool restore(const Address& ip, const EtherAddress& ether, int64_t live_at);
    /// Appends packets that wait for a known address, in the order of their arrival, until the batch is full.
    void release(const Address& ip, PacketBatch& batch);
    /// Forgets a mapping and drops what waits for it; false when there is none.
    bool erase(const Address& ip);
    void clear();

    /// Forgets what is too old, marks what is stale.
    void expire(int64_t now);
    /// When `expire` has work next, or -1.
    int64_t next_event() const;

    /// Takes over another table's entries and packets as far as the limits allow, and leaves it empty.
    void take(NeighborTable& other);

    uint32_t size() const { return _size; }
    /// No known entry's place is that high or higher; null where there is none.
    uint32_t end() const { return _fresh; }
    const Entry* known_at(uint32_t place) const {
        const Entry& entry = _entries[place];
        return entry.known && find(entry.ip) == &entry ? &entry : nullptr;
    }
    uint32_t waiting_packets() const { return _waiting_count; }
    uint64_t drops() const { return _drops; }
    /// `IP known ETHER age` lines, oldest first.
    std::string unparse(int64_t now) const;

private:
    struct Slot {
        Address ip;
        uint32_t entry;  ///< a link
    };
    struct Waiting {
        Packet* packet;
        uint32_t next;  ///< a link, to the next one for the same address or the next free one
    };
    /// Entries in the order of their last replies, or of their first questions.
    struct List {
        uint32_t oldest = 0;
        uint32_t newest = 0;
    };

    NeighborTable& operator=(NeighborTable&&) noexcept = default;
    bool allocate(const Limits& limits, ErrorHandler& errh);
    /// Keyed by a random factor: who does not know it cannot choose addresses that collide.
    uint32_t hash(const Address& ip) const {
        if constexpr (sizeof(Address) == sizeof(uint32_t)) {
            return static_cast<uint32_t>(ip.network_order() * _factor >> _slot_shift);
        } else {
            return static_cast<uint32_t>(keyed_hash(&ip, sizeof ip, _factor) >> _slot_shift);
        }
    }
    const Entry* find(const Address& ip) const {
        for (uint32_t slot = hash(ip); _slot_mask != 0; slot = (slot + 1) & _slot_mask) {
            const Slot& one = _slots[slot];
            if (one.entry == 0 || one.ip == ip) {
                return one.entry == 0 ? nullptr : &_entries[one.entry - 1];
            }
        }
        return nullptr;
    }
    Entry* find(const Address& ip) { return const_cast<Entry*>(std::as_const(*this).find(ip)); }
    Entry& at(uint32_t link) { return _entries[link - 1]; }
    const Entry& at(uint32_t link) const { return _entries[link - 1]; }
    uint32_t link_of(const Entry& entry) const { return static_cast<uint32_t>(&entry - _entries.data()) + 1; }
    List& list_of(const Entry& entry) { return entry.known ? _known : _asked; }
    Entry* make(const Address& ip, int64_t now);
    void note(Entry& entry, const EtherAddress& ether, int64_t now);
    void remove(Entry& entry);
    void unlink(Entry& entry);
    void link_by_age(Entry& entry);
    static bool ask(Entry& entry, int64_t now);
    void append_waiting(Entry& entry, PacketPtr packet);
    PacketPtr take_waiting(Entry& entry);
    void drop_waiting(Entry& entry, uint32_t count);
    void slim_packets();

    Limits _limits;
    Table<Slot> _slots;
    uint32_t _slot_mask = 0;
    int _slot_shift = 0;
    uint64_t _factor = 1;
    Table<Entry> _entries;
    uint32_t _fresh = 0;  ///< entries from here on were never used
    uint32_t _free = 0;
    List _known;
    List _asked;
    uint32_t _size = 0;
    Table<Waiting> _waiting;
    uint32_t _fresh_waiting = 0;
    uint32_t _free_waiting = 0;
    uint32_t _waiting_count = 0;
    uint64_t _drops = 0;
};

using ArpTable = NeighborTable<IPAddress>;
using Ip6NeighborTable = NeighborTable<IP6Address>;

}  // namespace click

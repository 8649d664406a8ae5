// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/worker.hh>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

namespace click {

class Packet;

/// Drops a packet when its handle goes out of scope.
struct PacketRelease {
    inline void operator()(Packet* packet) const;
};

/// The one owner of a packet. Dropping a packet is letting its handle go.
using PacketPtr = std::unique_ptr<Packet, PacketRelease>;

/// A packet: a window [data, end_data) into a buffer, the positions of its headers, and annotations.
///
/// The buffer may be shared by clones; whoever writes calls `uniqueify` first. Two cache lines of metadata, the first
/// of which holds all that forwarding, `shared` and `release` touch; the buffer lies elsewhere, so that a device backend
/// that can write into the buffer cannot reach the metadata.
///
/// Headers' positions are 16-bit offsets from the buffer's start: they stand when the window moves, and a copy takes
/// them over as they are. A header that begins 65,535 bytes or more into its buffer has no position.
class alignas(64) Packet {
public:
    static constexpr uint32_t kDefaultHeadroom = 64;
    static constexpr uint32_t kMinTailroom = 32;
    static constexpr size_t kAnnoSize = 48;

    enum class Type : uint8_t { Host, Broadcast, Multicast, OtherHost, Outgoing, Loopback, FastRoute };

    /// Frees a buffer that the packet pool does not own.
    using BufferRelease = void (*)(uint8_t* buffer, size_t size, void* user);

    Packet(const Packet&) = delete;
    Packet& operator=(const Packet&) = delete;

    /// A new packet of `length` bytes, copied from `data` or left undefined when `data` is null.
    /// Null when memory is exhausted, or when the buffer would be longer than 32 bits count.
    static PacketPtr make(size_t headroom, const void* data, uint32_t length, size_t tailroom);
    static PacketPtr make(const void* data, uint32_t length) {
        return make(kDefaultHeadroom, data, length, kMinTailroom);
    }

    /// A packet around a foreign buffer, which `release` gets back when the last user is gone.
    static PacketPtr wrap(uint8_t* buffer, uint32_t size, uint32_t headroom, uint32_t length, BufferRelease release,
                          void* user);

    /// A packet that shares this one's buffer and has its own copy of headers' positions and annotations.
    PacketPtr clone();

    const uint8_t* data() const { return _data; }
    const uint8_t* end_data() const { return _data + _length; }
    uint32_t length() const { return _length; }
    uint32_t headroom() const { return static_cast<uint32_t>(_data - _buffer); }
    uint32_t tailroom() const { return _size - headroom() - _length; }

    /// True when a clone uses the same buffer: then nobody may write.
    bool shared() const { return references() > 1; }

    /// Writable views; the packet must not be shared.
    uint8_t* mutable_data() { return _data; }
    uint8_t* mutable_network_header() { return at(_network); }
    uint8_t* mutable_transport_header() { return at(_transport); }
    uint8_t* mutable_mac_header() { return at(_mac); }

    /// Removes `count` bytes (at most the length) from the front.
    void pull(uint32_t count) {
        _data += count;
        _length -= count;
    }
    /// Removes `count` bytes (at most the length) from the end.
    void take(uint32_t count) { _length -= count; }
    /// Gives back `count` bytes of headroom that `pull` removed; the contents stand as they were left.
    void unpull(uint32_t count) {
        _data -= count;
        _length += count;
    }

    const uint8_t* mac_header() const { return at(_mac); }
    const uint8_t* network_header() const { return at(_network); }
    const uint8_t* transport_header() const { return at(_transport); }
    bool has_mac_header() const { return _mac != kNone; }
    bool has_network_header() const { return _network != kNone; }
    bool has_transport_header() const { return _transport != kNone; }
    void set_mac_header(const uint8_t* header) { _mac = position(header); }
    void set_network_header(const uint8_t* header, uint32_t header_length) {
        _transport = position(header + header_length);
        _network = _transport == kNone ? kNone : position(header);
    }
    void clear_network_header() { _network = _transport = kNone; }
    void clear_mac_header() { _mac = kNone; }
    /// Bytes from the network header, which there must be, to the end of the packet.
    uint32_t network_length() const { return bytes_from(_network); }
    uint32_t transport_length() const { return bytes_from(_transport); }
    uint32_t network_header_offset() const { return static_cast<uint32_t>(_buffer + _network - _data); }
    uint32_t network_header_length() const { return static_cast<uint32_t>(_transport - _network); }

    uint8_t anno_u8(size_t offset) const { return _anno[offset]; }
    void set_anno_u8(size_t offset, uint8_t value) { _anno[offset] = value; }
    uint16_t anno_u16(size_t offset) const { return load<uint16_t>(offset); }
    void set_anno_u16(size_t offset, uint16_t value) { store(offset, value); }
    uint32_t anno_u32(size_t offset) const { return load<uint32_t>(offset); }
    void set_anno_u32(size_t offset, uint32_t value) { store(offset, value); }
    const uint8_t* anno() const { return _anno; }
    uint8_t* anno() { return _anno; }
    void copy_annotations(const Packet& other);
    void clear_annotations();

    Type type() const { return _type; }
    void set_type(Type type) { _type = type; }
    /// Nanoseconds since the Unix epoch; 0 when the packet was never stamped.
    int64_t timestamp() const { return _timestamp; }
    void set_timestamp(int64_t nanoseconds) { _timestamp = nanoseconds; }

    /// Out of line: handles die at many places, and most of them are null there.
    void release();
    /// Releases `count` packets.
    static void release_all(Packet* const* packets, unsigned count);

private:
    friend class PacketPool;
    friend PacketPtr uniqueify(PacketPtr packet);
    friend PacketPtr prepend(PacketPtr packet, uint32_t count);
    friend PacketPtr extend(PacketPtr packet, uint32_t count);

    Packet() = default;
    ~Packet() = default;

    template <typename T>
    T load(size_t offset) const {
        T value;
        std::memcpy(&value, _anno + offset, sizeof value);
        return value;
    }
    template <typename T>
    void store(size_t offset, T value) {
        std::memcpy(_anno + offset, &value, sizeof value);
    }
    static constexpr uint16_t kNone = 0xFFFF;  ///< the position of a header that there is not
    static constexpr uint32_t kClone = 2;

    uint8_t* at(uint16_t position) const { return position == kNone ? nullptr : _buffer + position; }
    uint16_t position(const uint8_t* header) const {
        auto offset = static_cast<size_t>(header - _buffer);
        return offset < kNone ? static_cast<uint16_t>(offset) : kNone;
    }
    uint32_t bytes_from(uint16_t position) const {
        ptrdiff_t length = end_data() - (_buffer + position);
        return length > 0 ? static_cast<uint32_t>(length) : 0;
    }
    uint32_t references() const {
        return kSeveralWorkers ? __atomic_load_n(&_references, __ATOMIC_ACQUIRE) : _references;
    }
    bool drop_reference();
    void reset(uint32_t headroom, uint32_t length);
    void recycle();
    [[gnu::noinline]] void recycle_other();
    [[gnu::noinline]] static Packet* make_long(size_t size);
    PacketPtr copy(size_t headroom, size_t tailroom) const;

    uint8_t* _data;
    uint8_t* _buffer;
    Packet* _owner;  ///< whose buffer this clone uses
    uint32_t _length;
    uint32_t _size;        ///< of the buffer
    uint32_t _references;  ///< by handles and clones; those of a clone stand at kClone
    uint16_t _mac;
    uint16_t _network;
    uint16_t _transport;
    Type _type;
    uint8_t _storage;  ///< where the buffer came from, for recycle()
    uint8_t _anno[kAnnoSize];
    int64_t _timestamp;
    BufferRelease _release;
    void* _release_user;
};

inline void PacketRelease::operator()(Packet* packet) const { packet->release(); }

/// A packet with the same contents that no clone shares: the same one, or a copy. Null when memory is exhausted.
[[nodiscard]] inline PacketPtr uniqueify(PacketPtr packet) {
    if (packet->shared()) [[unlikely]] {
        return packet->copy(packet->headroom(), packet->tailroom());
    }
    return packet;
}
/// Adds `count` undefined bytes in front; the result is unshared. Null when memory is exhausted, or when no packet is so
/// long.
[[nodiscard]] inline PacketPtr prepend(PacketPtr packet, uint32_t count) {
    if (packet->headroom() < count || packet->shared()) [[unlikely]] {
        size_t wanted = size_t{count} + Packet::kDefaultHeadroom;
        packet = packet->copy(packet->headroom() < wanted ? wanted : packet->headroom(), packet->tailroom());
        if (!packet) {
            return {};
        }
    }
    packet->unpull(count);
    return packet;
}
/// Adds `count` undefined bytes at the end; the result is unshared. Null when memory is exhausted, or when no packet is so
/// long.
[[nodiscard]] inline PacketPtr extend(PacketPtr packet, uint32_t count) {
    if (packet->tailroom() < count || packet->shared()) [[unlikely]] {
        size_t wanted = count < Packet::kMinTailroom ? Packet::kMinTailroom : count;
        packet = packet->copy(packet->headroom(), packet->tailroom() < wanted ? wanted : packet->tailroom());
        if (!packet) {
            return {};
        }
    }
    packet->_length += count;
    return packet;
}

}  // namespace click

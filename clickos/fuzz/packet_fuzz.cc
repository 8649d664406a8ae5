// SPDX-License-Identifier: Apache-2.0
#include "fuzz/packet_fuzz.hh"

#include <click/clock.hh>
#include <click/router.hh>

#include <algorithm>
#include <cstring>
#include <string>

#include "fuzz/class_bench.hh"

namespace click {

namespace {

/// What an event begins with, modulo kEvents: packets are the most likely ones.
enum Event : uint8_t { kTime = 5, kRead = 6, kWrite = 7, kEvents = 8 };

/// What a packet has beside its bytes, one bit each.
enum Trait : uint8_t {
    kMacHeader = 1,
    kNetworkHeader = 2,  ///< its offset and its length, a byte each, follow
    kAnnotations = 4,    ///< Packet::kAnnoSize bytes follow
    kTimestamp = 8,      ///< eight bytes follow
    kNoHeadroom = 16,
    kShared = 32,   ///< a clone of it stays while it is sent
    kBatched = 64,  ///< the next packet is sent with it
    kLong = 128,    ///< zeros make it as long as a packet can be
};

constexpr uint32_t kLongest = 65'535;
constexpr int64_t kMillisecond = clock::kSecond / 1000;

/// Takes bytes off their front; zeros when there are none left.
class Reader {
public:
    explicit Reader(std::span<const uint8_t> bytes) : _bytes(bytes) {}

    bool ended() const { return _bytes.empty(); }
    uint8_t byte() {
        std::span<const uint8_t> one = bytes(1);
        return one.empty() ? 0 : one[0];
    }
    uint16_t pair() {
        uint8_t high = byte();
        return static_cast<uint16_t>(high << 8 | byte());
    }
    std::span<const uint8_t> bytes(size_t count) {
        std::span<const uint8_t> taken = _bytes.first(std::min(count, _bytes.size()));
        _bytes = _bytes.subspan(taken.size());
        return taken;
    }
    std::string text() {
        std::span<const uint8_t> taken = bytes(byte());
        return {reinterpret_cast<const char*>(taken.data()), taken.size()};
    }

private:
    std::span<const uint8_t> _bytes;
};

class Run {
public:
    Run(const ClassBench& bench, Router& router, Scheduler& scheduler)
        : _bench(bench), _router(router), _scheduler(scheduler), _handlers(router.handlers(router.find("x"))) {}

    void event(Reader& reader) {
        uint8_t kind = reader.byte() % kEvents;
        if (kind == kTime) {
            run_for(_scheduler, reader.pair() * kMillisecond);
        } else if ((kind == kRead || kind == kWrite) && !_handlers.empty()) {
            handler(kind, reader);
        } else {
            packet(reader);
        }
    }

private:
    void packet(Reader& reader) {
        uint8_t traits = reader.byte();
        int input = reader.byte() % std::max(_bench.inputs, 1);
        PacketPtr packet = read_packet(traits, reader);
        PacketPtr clone = traits & kShared ? packet->clone() : PacketPtr();
        _batch.append(std::move(packet));
        if (!(traits & kBatched) || reader.ended() || _batch.size() == PacketBatch::kCapacity) {
            if (_bench.inputs > 0) {
                _router.find("in" + std::to_string(input))->push(0, _batch);
            }
            _batch.clear();
            run_for(_scheduler, kMillisecond);
        }
    }

    static PacketPtr read_packet(uint8_t traits, Reader& reader) {
        uint8_t offset = traits & kNetworkHeader ? reader.byte() : 0;
        uint8_t header_length = traits & kNetworkHeader ? reader.byte() : 0;
        std::span<const uint8_t> annotations = reader.bytes(traits & kAnnotations ? Packet::kAnnoSize : 0);
        std::span<const uint8_t> timestamp = reader.bytes(traits & kTimestamp ? sizeof(int64_t) : 0);
        std::span<const uint8_t> data = reader.bytes(reader.pair());
        uint32_t length = traits & kLong ? kLongest : static_cast<uint32_t>(data.size());
        PacketPtr packet =
            Packet::make(traits & kNoHeadroom ? 0 : Packet::kDefaultHeadroom, nullptr, length, Packet::kMinTailroom);
        std::memset(packet->mutable_data(), 0, length);
        std::copy(data.begin(), data.end(), packet->mutable_data());
        for (size_t i = 0; i < annotations.size(); ++i) {
            packet->set_anno_u8(i, annotations[i]);
        }
        if (timestamp.size() == sizeof(int64_t)) {
            int64_t nanoseconds;
            std::memcpy(&nanoseconds, timestamp.data(), sizeof nanoseconds);
            packet->set_timestamp(nanoseconds);
        }
        if (traits & kMacHeader) {
            packet->set_mac_header(packet->data());
        }
        if (traits & kNetworkHeader && offset <= length) {
            packet->set_network_header(packet->data() + offset, std::min<uint32_t>(header_length, length - offset));
        }
        return packet;
    }

    void handler(uint8_t kind, Reader& reader) {
        const Handler* handler = _handlers[reader.byte() % _handlers.size()];
        std::string value = reader.text();
        Router::HandlerRef ref{_router.find("x"), handler};
        SilentErrorHandler errh;
        if (kind == kRead && handler->read) {
            _router.read(ref, value, errh);
        } else if (kind == kWrite && handler->write) {
            _router.write(ref, value, errh);
        }
        run_for(_scheduler, kMillisecond);
    }

    const ClassBench& _bench;
    Router& _router;
    Scheduler& _scheduler;
    std::vector<const Handler*> _handlers;
    PacketBatch _batch;
};

}  // namespace

void fuzz_packets(const ElementClass& element_class, std::span<const uint8_t> events) {
    clock::simulate();
    Reader reader(events);
    for (const ClassBench& bench : class_benches(element_class)) {
        Scheduler scheduler;
        std::string why;
        if (std::unique_ptr<Router> router = start_bench(bench, scheduler, nullptr, why)) {
            Run run(bench, *router, scheduler);
            while (!reader.ended()) {
                run.event(reader);
            }
            return;
        }
    }
}

std::vector<uint8_t> packet_event(const Packet& packet, uint8_t input) {
    uint32_t length = std::min(packet.length(), kLongest);
    std::vector<uint8_t> bytes{0, kMacHeader | kNetworkHeader | kAnnotations | kTimestamp, input};
    uint32_t offset = packet.has_network_header() ? static_cast<uint32_t>(packet.network_header() - packet.data()) : 0;
    bytes.push_back(static_cast<uint8_t>(offset));
    bytes.push_back(static_cast<uint8_t>(packet.network_header_length()));
    bytes.insert(bytes.end(), packet.anno(), packet.anno() + Packet::kAnnoSize);
    int64_t timestamp = packet.timestamp();
    const auto* raw = reinterpret_cast<const uint8_t*>(&timestamp);
    bytes.insert(bytes.end(), raw, raw + sizeof timestamp);
    bytes.push_back(static_cast<uint8_t>(length >> 8));
    bytes.push_back(static_cast<uint8_t>(length));
    bytes.insert(bytes.end(), packet.data(), packet.data() + length);
    return bytes;
}

}  // namespace click

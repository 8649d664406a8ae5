// SPDX-License-Identifier: Apache-2.0
/*
=c
Clipboard(RANGE, ...)
=s basicmod
copies bytes from one packet into others
=d
Packets pass unchanged from input 0 to output 0; the element remembers the bytes of the last one that lie in the RANGEs, each
of the form C<OFFSET/LENGTH>. Packets that pass from input 1 to output 1 get these bytes written over their own at the same
places. Packets that end within or before a RANGE are, as far as it is concerned, left alone; before a packet has passed by
input 0, so are all.
=e
  c :: Clipboard(26/4);
  InfiniteSource(LIMIT 1) -> [0] c [0] -> Discard;
  InfiniteSource(LENGTH 60, LIMIT 1) -> [1] c [1] -> Discard;
=a StoreData, Strip
*/
#include <click/element.hh>

#include <algorithm>
#include <cstring>

#include "lang/confparse.hh"

namespace click {

namespace {

class Clipboard final : public Element {
public:
    const char* class_name() const override { return "Clipboard"; }
    const char* port_count() const override { return "2/2"; }
    const char* flow_code() const override { return "#/#"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;

    void push(int port, PacketBatch& batch) override {
        pass(port, batch);
        output(port).push(batch);
    }
    void pull(int port, PacketBatch& batch, unsigned most) override {
        PacketBatch got;
        input(port).pull(got, std::min(most, batch.room()));
        pass(port, got);
        got.drain([&](PacketPtr packet) { batch.append(std::move(packet)); });
    }

private:
    /// Bytes of packets, and those of the last one that had them.
    struct Range {
        uint32_t offset = 0;
        uint32_t length = 0;
        bool known = false;
        std::string bytes;

        bool lies_in(const Packet& packet) const { return uint64_t{offset} + length <= packet.length(); }
    };
    static constexpr uint32_t kMostBytes = 65535;

    void pass(int port, PacketBatch& batch) {
        if (port == 0) {
            for (const Packet* packet : batch) {
                copy(*packet);
            }
        } else {
            batch.map([this](PacketPtr packet) { return paste(std::move(packet)); });
        }
    }
    void copy(const Packet& packet);
    PacketPtr paste(PacketPtr packet) const;

    std::vector<Range> _ranges;
};

int Clipboard::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    if (conf.empty()) {
        return errh.error("too few arguments; give at least one OFFSET/LENGTH");
    }
    int result = 0;
    uint64_t all = 0;
    for (const std::string& text : conf) {
        size_t slash = text.find('/');
        uint64_t offset = 0;
        uint64_t length = 0;
        if (slash == std::string::npos || !parse_unsigned(trim(std::string_view(text).substr(0, slash)), offset) ||
            !parse_unsigned(trim(std::string_view(text).substr(slash + 1)), length) || offset > kMostBytes ||
            length > kMostBytes) {
            result = errh.error("bad range '%s'; expected OFFSET/LENGTH", text.c_str());
            continue;
        }
        all += length;
        Range range{static_cast<uint32_t>(offset), static_cast<uint32_t>(length), false, {}};
        _ranges.push_back(std::move(range));
    }
    if (all > kMostBytes) {
        return errh.error("ranges of more than %u bytes", kMostBytes);
    }
    for (Range& range : _ranges) {
        range.bytes.resize(range.length);
    }
    return result;
}

void Clipboard::copy(const Packet& packet) {
    for (Range& range : _ranges) {
        if (range.lies_in(packet)) {
            std::memcpy(range.bytes.data(), packet.data() + range.offset, range.length);
            range.known = true;
        }
    }
}

PacketPtr Clipboard::paste(PacketPtr packet) const {
    packet = uniqueify(std::move(packet));
    for (const Range& range : _ranges) {
        if (packet && range.known && range.lies_in(*packet)) {
            std::memcpy(packet->mutable_data() + range.offset, range.bytes.data(), range.length);
        }
    }
    return packet;
}

}  // namespace

CLICK_ELEMENT(Clipboard)

}  // namespace click

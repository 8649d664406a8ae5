// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/packet.hh>

#include <string>
#include <string_view>
#include <vector>

#include "lib/reassembly.hh"

namespace click {

/// What fragments of one packet have in common (RFC 791 3.2).
struct DatagramKey {
    uint32_t source;
    uint32_t destination;
    uint32_t id_and_protocol;
};

/// A packet that is not whole yet. Its bytes lie at the beginning of `packet`; what goes before them, in its headroom.
struct Datagram {
    static constexpr uint8_t kMostLead = 64;

    PacketPtr packet;
    Reassembly bytes;
    int64_t used = 0;
    uint16_t longest = 0;   ///< fragment, with its header
    uint16_t fragment = 0;  ///< that of the header, host order
    uint8_t header = 0;     ///< bytes of the IP header
    uint8_t lead = 0;       ///< bytes in front of it that are part of the packet
    uint8_t link = 0;       ///< from the link header on to it; 0: none
    bool wrong = false;     ///< it has no packet any more

    /// How many bytes are kept in front of the packet's own.
    uint32_t headers() const { return (lead > link ? lead : link) + uint32_t{header}; }
};

/// A Datagram as a line of its element's state:
///
///     SOURCE DESTINATION ID PROTOCOL AGE [LONGEST LENGTH LEAD LINK HEADERS OFFSET BYTES...]
///
/// Without the second part it is wrong.
struct DatagramRecord {
    struct Stretch {
        uint32_t offset = 0;
        std::vector<uint8_t> bytes;
        uint32_t end() const { return offset + static_cast<uint32_t>(bytes.size()); }
    };

    DatagramKey key{};
    uint64_t age = 0;     ///< milliseconds
    Datagram datagram;    ///< still without bytes
    uint64_t length = 0;  ///< of all bytes, once the last ones have come; else 0
    std::vector<uint8_t> headers;
    std::vector<Stretch> stretches;

    static void append(const DatagramKey& key, const Datagram& datagram, uint32_t age, std::string& text);
    /// False when it is not what `append` can have written.
    bool parse(std::string_view line);

private:
    bool parse_headers(std::string_view& line);
    bool parse_stretches(std::string_view line);
};

}  // namespace click

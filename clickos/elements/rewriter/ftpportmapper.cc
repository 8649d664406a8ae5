// SPDX-License-Identifier: Apache-2.0
/*
=c
FTPPortMapper(CONTROL_REWRITER, DATA_REWRITER, DATA_REWRITER_INPUT)
=s nat
lets FTP clients behind a rewriter be connected to
=d
Expects the packets that FTP clients (RFC 959) send on their control connections, before they come to CONTROL_REWRITER,
a TCPRewriter. When one says C<PORT>, the server will connect from the port before its own (from port 20, as a rule) to
the address and port that are named. FTPPortMapper makes a mapping for that in DATA_REWRITER, any IPRewriter or
TCPRewriter, as if a packet the other way had come in by its input DATA_REWRITER_INPUT, and puts into the packet what
the client's address and port become. If that makes the packet longer or shorter, CONTROL_REWRITER moves the
connection's sequence numbers from there on.

With C<pattern 1.0.0.1 9000-14000 - - 0 1> at that input, a packet from (1.0.0.2, 6587) to (2.0.0.2, 21) that says
C<PORT 1,0,0,2,3,9> makes the mappings

  (1.0.0.2, 777, 2.0.0.2, 20) => (1.0.0.1, 9000, 2.0.0.2, 20)
  (2.0.0.2, 20, 1.0.0.1, 9000) => (2.0.0.2, 20, 1.0.0.2, 777)

and says C<PORT 1,0,0,1,35,40> when it leaves.

Everything else passes as it is, also a PORT that names another host than the packet's source (RFC 2577 3), that does
not begin and end its packet, whose connection has no mapping in CONTROL_REWRITER or for which there is no mapping to be
had. Both rewriters may be the same.
=e
  rw :: TCPRewriter(pattern 1.0.0.1 1024-65535 - - 0 1, drop);
  inside :: Idle -> c :: IPClassifier(dst tcp port 21, -); outside :: Idle -> [1]rw;
  c[0] -> FTPPortMapper(rw, rw, 0) -> rw; c[1] -> rw;
  rw[0] -> Discard; rw[1] -> Discard;
=a TCPRewriter, IPRewriter, IPRewriterPatterns
*/
#include <algorithm>
#include <array>

#include "elements/rewriter/rewriter.hh"
#include "elements/rewriter/sequencekeeper.hh"
#include "net/transport.hh"

namespace click {

namespace {

/// What follows the word in `PORT h1,h2,h3,h4,p1,p2` (RFC 959 4.1.2).
struct HostPort {
    static constexpr size_t kMostLength = 6 * 4 - 1;

    std::array<uint8_t, 6> numbers{};

    uint32_t address() const {
        uint32_t address;
        std::memcpy(&address, numbers.data(), sizeof address);
        return address;
    }
    uint16_t port() const {
        uint16_t port;
        std::memcpy(&port, numbers.data() + sizeof(uint32_t), sizeof port);
        return port;
    }
    void set(uint32_t address, uint16_t port) {
        std::memcpy(numbers.data(), &address, sizeof address);
        std::memcpy(numbers.data() + sizeof address, &port, sizeof port);
    }
    /// How many bytes it takes at the beginning of `text`, which is the rest of a line; 0 when it is none.
    size_t parse(std::string_view text);
    /// Writes it to `text`; returns its length.
    size_t write(char (&text)[kMostLength]) const;
};

size_t HostPort::parse(std::string_view text) {
    constexpr unsigned kMostDigits = 3;
    size_t at = 0;
    for (size_t i = 0; i < numbers.size(); ++i) {
        unsigned number = 0;
        size_t first = at;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9' && at - first < kMostDigits) {
            number = number * 10 + static_cast<unsigned>(text[at++] - '0');
        }
        bool last = i + 1 == numbers.size();
        if (at == first || number > UINT8_MAX || at == text.size() ||
            (last ? text[at] != '\r' && text[at] != '\n' : text[at] != ',')) {
            return 0;
        }
        numbers[i] = static_cast<uint8_t>(number);
        at += last ? 0 : 1;
    }
    return at;
}

size_t HostPort::write(char (&text)[kMostLength]) const {
    size_t length = 0;
    for (uint8_t number : numbers) {
        if (length != 0) {
            text[length++] = ',';
        }
        if (number >= 100) {
            text[length++] = static_cast<char>('0' + number / 100);
        }
        if (number >= 10) {
            text[length++] = static_cast<char>('0' + number / 10 % 10);
        }
        text[length++] = static_cast<char>('0' + number % 10);
    }
    return length;
}

/// Whether the text begins with `PORT`, in any case, and a space.
bool begins_with_port(std::string_view text) {
    constexpr std::string_view kWord = "port ";
    return text.size() >= kWord.size() &&
           std::equal(kWord.begin(), kWord.end(), text.begin(), [](char a, char b) { return a == (b | 0x20); });
}

class FTPPortMapper final : public PacketAction<FTPPortMapper> {
public:
    const char* class_name() const override { return "FTPPortMapper"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    PacketPtr simple_action(PacketPtr packet);

private:
    /// Where in a packet the command's argument lies.
    struct Place {
        size_t begin = 0;
        size_t length = 0;
    };
    static constexpr size_t kWordLength = 5;

    static bool find_command(const Packet& packet, Place& place, HostPort& named);
    bool map_data(const IpHeader& control, const TcpHeader& tcp, HostPort& named) const;

    Rewriter* _control = nullptr;
    SequenceKeeper* _sequences = nullptr;
    Rewriter* _data = nullptr;
    int _input = 0;
};

int FTPPortMapper::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    Element* control = nullptr;
    Element* data = nullptr;
    int input = 0;
    if (Args(conf, this, errh)
            .mandatory("CONTROL_REWRITER", control)
            .mandatory("DATA_REWRITER", data)
            .mandatory("DATA_REWRITER_INPUT", input)
            .complete() < 0) {
        return -1;
    }
    int result = 0;
    _control = control ? control->as<Rewriter>() : nullptr;
    _sequences = control ? control->as<SequenceKeeper>() : nullptr;
    _data = data ? data->as<Rewriter>() : nullptr;
    _input = input;
    if (!_sequences) {
        result = errh.error("CONTROL_REWRITER: element type mismatch, expected TCPRewriter");
    }
    if (!_data) {
        result = errh.error("DATA_REWRITER: element type mismatch, expected IPRewriterBase");
    } else if (input < 0 || input >= data->ninputs()) {
        result = errh.error("DATA_REWRITER_INPUT: out of range, bound %d", input < 0 ? 0 : data->ninputs() - 1);
    }
    return result;
}

bool FTPPortMapper::find_command(const Packet& packet, Place& place, HostPort& named) {
    const IpHeader* ip = whole_ip_header(packet);
    if (!ip || ip->protocol != kIpProtoTcp || ip->is_fragment()) {
        return false;
    }
    Segment segment = ip_segment(packet, *ip);
    const auto* tcp = segment.header<TcpHeader>();
    if (!tcp || tcp->header_length() < sizeof(TcpHeader) || tcp->header_length() + kWordLength > segment.length) {
        return false;
    }
    std::string_view text(reinterpret_cast<const char*>(segment.data) + tcp->header_length(),
                          segment.length - tcp->header_length());
    if (!begins_with_port(text)) {
        return false;
    }
    place.begin = ip->header_length() + tcp->header_length() + kWordLength;
    place.length = named.parse(text.substr(kWordLength));
    return place.length != 0 && named.address() == ip->source &&
           text.find_first_not_of("\r\n", kWordLength + place.length) == std::string_view::npos &&
           transport_checksum(segment.data, segment.length, ip->source, ip->destination, kIpProtoTcp) == 0;
}

/// Turns `named` into what is to be connected to instead.
bool FTPPortMapper::map_data(const IpHeader& control, const TcpHeader& tcp, HostPort& named) const {
    struct {
        IpHeader ip{};
        TcpHeader tcp{};
    } answer;
    answer.ip.version_length = 0x45;
    answer.ip.protocol = kIpProtoTcp;
    answer.ip.source = named.address();
    answer.ip.destination = control.destination;
    answer.tcp.source = named.port();
    answer.tcp.destination = net16(static_cast<uint16_t>(net16(tcp.destination) - 1));
    FlowId to{};
    if (!_data->map_ahead(_input, answer.ip, sizeof answer, clock::steady(), to)) {
        return false;
    }
    // Rewriters of addresses know nothing of ports.
    named.set(to.source != 0 ? to.source : named.address(), to.source_port != 0 ? to.source_port : named.port());
    return true;
}

PacketPtr FTPPortMapper::simple_action(PacketPtr packet) {
    Place place;
    HostPort named;
    FlowKey flow{};
    if (!find_command(*packet, place, named)) {
        return packet;
    }
    const IpHeader& ip = *ip_header(*packet);
    const auto& tcp = *following_header<const TcpHeader>(ip, packet->network_length());
    MappingTable::Flows::Found mapped;
    if (_control->flow_of(ip, packet->network_length(), flow)) {
        mapped = _control->find_flow(flow);
    }
    if (!mapped || !map_data(ip, tcp, named)) {
        return packet;
    }
    char text[HostPort::kMostLength];
    size_t length = named.write(text);
    int by = static_cast<int>(length) - static_cast<int>(place.length);
    size_t end = ip.length();
    uint32_t next = net32(tcp.sequence) + static_cast<uint32_t>(end - ip.header_length() - tcp.header_length());
    if (static_cast<int>(end) + by > static_cast<int>(kMaxIpLength)) {
        return packet;
    }
    packet->take(packet->network_length() - static_cast<uint32_t>(end));
    packet = extend(std::move(packet), by > 0 ? static_cast<uint32_t>(by) : 0);
    if (!packet) {
        return packet;
    }
    uint8_t* bytes = packet->mutable_network_header();
    uint8_t* argument = bytes + place.begin;
    std::memmove(argument + length, argument + place.length, end - place.begin - place.length);
    std::memcpy(argument, text, length);
    packet->take(by < 0 ? static_cast<uint32_t>(-by) : 0);

    auto& header = *reinterpret_cast<IpHeader*>(bytes);
    auto total = net16(static_cast<uint16_t>(static_cast<int>(end) + by));
    header.checksum = checksum_update(header.checksum, header.total_length, total);
    header.total_length = total;
    auto& changed = *following_header<TcpHeader>(header, packet->network_length());
    changed.checksum = 0;
    changed.checksum = transport_checksum(&changed, header.length() - header.header_length(), header.source,
                                          header.destination, kIpProtoTcp);
    if (by != 0) {
        _sequences->shift(mapped, next, by);
    }
    return packet;
}

}  // namespace

CLICK_ELEMENT(FTPPortMapper)

}  // namespace click

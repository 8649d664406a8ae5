// SPDX-License-Identifier: Apache-2.0
/*
=c
FTPPortMapper(CONTROL_REWRITER, DATA_REWRITER, DATA_REWRITER_INPUT)
=s nat
lets FTP clients behind a rewriter be connected to
=d
Expects the packets that FTP clients (RFC 959) send on their control connections, before they come to CONTROL_REWRITER,
a TCPRewriter. When one says C<PORT> or C<EPRT> (RFC 2428), the server will connect from the port before its own (from port 20, as a rule) to
the address and port that are named. FTPPortMapper makes a mapping for that in DATA_REWRITER, any IPRewriter or
TCPRewriter, as if a packet the other way had come in by its input DATA_REWRITER_INPUT, and puts into the packet what
the client's address and port become. If that makes the packet longer or shorter, CONTROL_REWRITER moves the
connection's sequence numbers from there on.

With C<pattern 1.0.0.1 9000-14000 - - 0 1> at that input, a packet from (1.0.0.2, 6587) to (2.0.0.2, 21) that says
C<PORT 1,0,0,2,3,9> makes the mappings

  (1.0.0.2, 777, 2.0.0.2, 20) => (1.0.0.1, 9000, 2.0.0.2, 20)
  (2.0.0.2, 20, 1.0.0.1, 9000) => (2.0.0.2, 20, 1.0.0.2, 777)

and says C<PORT 1,0,0,1,35,40> when it leaves.

Passive mode (C<PASV>, C<EPSV>) needs no help on the client's side: its data connections are the client's own.

Everything else passes as it is, also a command that names another host than the packet's source (RFC 2577 3), that does
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
#include <cstdio>

#include "elements/rewriter/rewriter.hh"
#include "elements/rewriter/sequencekeeper.hh"
#include "net/transport.hh"

namespace click {

namespace {

/// What follows the word in `PORT h1,h2,h3,h4,p1,p2` (RFC 959 4.1.2) or in `EPRT |1|h1.h2.h3.h4|p|` (RFC 2428 2), where
/// any character may stand for the bar.
struct HostPort {
    static constexpr size_t kMostLength = sizeof "|1|255.255.255.255|65535|";  ///< with the zero behind it

    uint32_t address = 0;  ///< network order
    uint16_t port = 0;     ///< network order
    char bar = 0;          ///< none in PORT

    /// How many bytes it takes at the beginning of `text`, which is the rest of a line; 0 when it is none.
    size_t parse(std::string_view text, bool extended);
    /// Writes it to `text`; returns its length.
    size_t write(char (&text)[kMostLength]) const;

private:
    uint8_t* address_bytes() { return reinterpret_cast<uint8_t*>(&address); }
    size_t parse_extended(std::string_view text);
};

/// A number without a sign of at most `digits` digits, with `end` behind it (a carriage return may be a line feed).
bool take_number(std::string_view& text, size_t digits, unsigned most, char end, unsigned& number) {
    size_t length = 0;
    number = 0;
    while (length < text.size() && length < digits && text[length] >= '0' && text[length] <= '9') {
        number = number * 10 + static_cast<unsigned>(text[length++] - '0');
    }
    if (length == 0 || number > most || length == text.size() ||
        (text[length] != end && (end != '\r' || text[length] != '\n'))) {
        return false;
    }
    text.remove_prefix(length + 1);
    return true;
}

constexpr size_t kByteDigits = 3;
constexpr size_t kPortDigits = 5;

size_t HostPort::parse(std::string_view text, bool extended) {
    if (extended) {
        return parse_extended(text);
    }
    std::array<unsigned, 6> numbers{};
    std::string_view rest = text;
    for (unsigned& number : numbers) {
        if (!take_number(rest, kByteDigits, UINT8_MAX, &number == &numbers.back() ? '\r' : ',', number)) {
            return 0;
        }
    }
    std::copy(numbers.begin(), numbers.begin() + sizeof address, address_bytes());
    port = net16(static_cast<uint16_t>(numbers[4] << 8 | numbers[5]));
    return text.size() - rest.size() - 1;
}

size_t HostPort::parse_extended(std::string_view text) {
    constexpr std::string_view kProtocol = "1";  // IPv4
    if (text.size() < kProtocol.size() + 2 || text[0] <= ' ' || text[0] > '~' || text[1] != kProtocol[0] ||
        text[2] != text[0]) {
        return 0;
    }
    bar = text[0];
    std::string_view rest = text.substr(kProtocol.size() + 2);
    unsigned number;
    for (size_t i = 0; i < sizeof address; ++i) {
        if (!take_number(rest, kByteDigits, UINT8_MAX, i + 1 == sizeof address ? bar : '.', number)) {
            return 0;
        }
        address_bytes()[i] = static_cast<uint8_t>(number);
    }
    if (!take_number(rest, kPortDigits, UINT16_MAX, bar, number)) {
        return 0;
    }
    port = net16(static_cast<uint16_t>(number));
    return text.size() - rest.size();
}

size_t HostPort::write(char (&text)[kMostLength]) const {
    std::array<uint8_t, sizeof address> host{};
    std::memcpy(host.data(), &address, host.size());
    unsigned number = net16(port);
    int length = bar == 0 ? std::snprintf(text, kMostLength, "%u,%u,%u,%u,%u,%u", host[0], host[1], host[2], host[3],
                                          number >> 8, number & UINT8_MAX)
                          : std::snprintf(text, kMostLength, "%c1%c%u.%u.%u.%u%c%u%c", bar, bar, host[0], host[1],
                                          host[2], host[3], bar, number, bar);
    return static_cast<size_t>(length);
}

/// Whether the text begins with a word of five letters, in any case, that includes the space behind it.
bool begins_with(std::string_view text, std::string_view word) {
    return text.size() >= word.size() &&
           std::equal(word.begin(), word.end(), text.begin(), [](char a, char b) { return a == (b | 0x20); });
}

/// The checksum that a segment, which is all there, should have.
uint16_t right_checksum(const IpHeader& ip, TcpHeader& tcp) {
    tcp.checksum = 0;
    return transport_checksum(&tcp, ip.length() - ip.header_length(), ip.source, ip.destination, kIpProtoTcp);
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
    bool extended = begins_with(text, "eprt ");
    if (!extended && !begins_with(text, "port ")) {
        return false;
    }
    place.begin = ip->header_length() + tcp->header_length() + kWordLength;
    place.length = named.parse(text.substr(kWordLength), extended);
    return place.length != 0 && named.address == ip->source &&
           text.find_first_not_of("\r\n", kWordLength + place.length) == std::string_view::npos;
}

/// Turns `named` into what is to be connected to instead.
bool FTPPortMapper::map_data(const IpHeader& control, const TcpHeader& tcp, HostPort& named) const {
    struct {
        IpHeader ip{};
        TcpHeader tcp{};
    } answer;
    answer.ip.version_length = 0x45;
    answer.ip.protocol = kIpProtoTcp;
    answer.ip.source = named.address;
    answer.ip.destination = control.destination;
    answer.tcp.source = named.port;
    answer.tcp.destination = net16(static_cast<uint16_t>(net16(tcp.destination) - 1));
    FlowId to{};
    if (!_data->map_ahead(_input, answer.ip, sizeof answer, clock::steady(), to)) {
        return false;
    }
    // Rewriters of addresses know nothing of ports.
    named.address = to.source != 0 ? to.source : named.address;
    named.port = to.source_port != 0 ? to.source_port : named.port;
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
    auto& header = *reinterpret_cast<IpHeader*>(bytes);
    auto& changed = *following_header<TcpHeader>(header, packet->network_length());
    uint16_t given = changed.checksum;
    uint16_t before = right_checksum(header, changed);
    uint8_t* argument = bytes + place.begin;
    std::memmove(argument + length, argument + place.length, end - place.begin - place.length);
    std::memcpy(argument, text, length);
    packet->take(by < 0 ? static_cast<uint32_t>(-by) : 0);

    auto total = net16(static_cast<uint16_t>(static_cast<int>(end) + by));
    header.checksum = checksum_update(header.checksum, header.total_length, total);
    header.total_length = total;
    uint16_t after = right_checksum(header, changed);
    // What was wrong stays wrong.
    changed.checksum = given == before ? after : checksum_update(given, after, before);
    if (by != 0) {
        _sequences->shift(mapped, next, by);
    }
    return packet;
}

}  // namespace

CLICK_ELEMENT(FTPPortMapper)

}  // namespace click

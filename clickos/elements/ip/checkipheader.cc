// SPDX-License-Identifier: Apache-2.0
/*
=c
CheckIPHeader([OFFSET, I<keywords> OFFSET, INTERFACES, BADSRC, GOODDST, CHECKSUM, VERBOSE, DETAILS])
CheckIPHeader2([OFFSET, I<keywords>])
=s ip
checks IP headers
=d
Expects an IP header OFFSET bytes into each packet and lets through what has one: the version is 4, header and total
length fit each other, the packet and, of a fragment, the longest packet that fragments make up (65,535 bytes), the
checksum is right, and the source address is none of those that must not be
seen (RFC 1812 5.2.2 and 5.3.7). Good packets are cut to the IP header's total length (Ethernet pads short frames), their
network header and destination address annotation are set, and they leave by output 0. The others leave by output 1 if it
is connected and are dropped if not; the first of them is reported on the console.

CheckIPHeader2 is the same, but does not look at the checksum unless it is told to.

Keyword arguments are:
=over 8
=item OFFSET
Unsigned. Where the IP header begins. Default is 0.
=item CHECKSUM
Boolean. Whether the checksum is checked. Default is true (CheckIPHeader2: false).
=item BADSRC
Addresses, separated by spaces, that no packet may come from. Default is none.
=item GOODDST
Addresses, separated by spaces: packets to one of them may come from anywhere. Default is none.
=item INTERFACES
Addresses with masks, separated by spaces: those of the router's interfaces. They are added to GOODDST, and their
networks' broadcast addresses, 0.0.0.0 and 255.255.255.255 to BADSRC.
=item VERBOSE
Boolean. Whether every bad packet is reported, not only the first. Default is false.
=item DETAILS
Boolean. Whether bad packets are counted by reason. Default is false.
=back
An older form, CheckIPHeader([BADSRC, OFFSET]), also takes 0.0.0.0 and 255.255.255.255 as bad sources.
=h count read-only
How many good packets went through.
=h drops read-only
How many bad packets there were.
=h drop_details read-only
How many bad packets there were for each reason; only with DETAILS true.
=e
  ... -> Strip(14) -> CheckIPHeader(INTERFACES 18.26.4.24/24 10.0.0.1/8) -> ...
=a MarkIPHeader, StripIPHeader
*/
#include <click/annotations.hh>
#include <click/packetcheck.hh>

#include "elements/ip/addresslist.hh"
#include "lib/checksum.hh"
#include "net/ip.hh"

namespace click {

namespace {

/// Interface addresses with their masks, separated by spaces.
struct InterfaceList {
    std::vector<IPPrefix> interfaces;
};

bool parse_arg(std::string_view text, InterfaceList& value, ArgContext& context) {
    value.interfaces.clear();
    for (const std::string& word : split_words(text)) {
        IPPrefix prefix;
        if (word.find('/') == std::string::npos || !parse_arg(word, prefix, context)) {
            return context.error("'%s' is no IP address with a mask", word.c_str());
        }
        value.interfaces.push_back(prefix);
    }
    return true;
}

class CheckIPHeader : public PacketCheck<CheckIPHeader> {
public:
    explicit CheckIPHeader(bool checksum = true)
        : PacketCheck("IP header check failed", kReasons), _checksum_default(checksum) {}
    const char* class_name() const override { return "CheckIPHeader"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;

    int check(Packet& packet) const {
        if (packet.length() < _offset + sizeof(IpHeader)) {
            return kTiny;
        }
        const auto& ip = *reinterpret_cast<const IpHeader*>(packet.data() + _offset);
        if (ip.version() != 4) {
            return kBadVersion;
        }
        unsigned header_length = ip.header_length();
        if (header_length < sizeof(IpHeader)) {
            return kBadHeaderLength;
        }
        unsigned length = ip.length();
        if (length > packet.length() - _offset || length < header_length ||
            ip.fragment_offset() + length > kMaxIpLength) {
            return kBadLength;
        }
        if (_checksum && ip_header_checksum(&ip, header_length) != 0) {
            return kBadChecksum;
        }
        if ((_bad_source_filter & filter_bits(ip.source)) == filter_bits(ip.source)) [[unlikely]] {
            return check_source(ip, packet);
        }
        accept(ip, packet);
        return kGood;
    }

private:
    enum Reason : uint8_t { kTiny, kBadVersion, kBadHeaderLength, kBadLength, kBadChecksum, kBadSource };
    static constexpr const char* kReasons[] = {"tiny packet",   "bad IP version",  "bad IP header length",
                                               "bad IP length", "bad IP checksum", "bad source address"};

    void accept(const IpHeader& ip, Packet& packet) const {
        packet.set_network_header(packet.data() + _offset, ip.header_length());
        packet.take(packet.length() - _offset - ip.length());
        anno::set_dst_ip(packet, IPAddress(ip.destination));
    }
    /// A Bloom filter, two of 64 bits a bad source, keeps nearly all packets from the list.
    static uint64_t filter_bits(uint32_t source) {
        uint64_t hash = source * uint64_t{0x9e3779b97f4a7c15U};
        return uint64_t{1} << (hash >> 58) | uint64_t{1} << (hash >> 52 & 63);
    }
    [[gnu::noinline]] int check_source(const IpHeader& ip, Packet& packet) const {
        if (_bad_sources.contains(IPAddress(ip.source)) && !_good_destinations.contains(IPAddress(ip.destination))) {
            return kBadSource;
        }
        accept(ip, packet);
        return kGood;
    }

    const bool _checksum_default;
    uint32_t _offset = 0;
    bool _checksum = true;
    uint64_t _bad_source_filter = 0;
    IPAddressList _bad_sources;
    IPAddressList _good_destinations;
};

class CheckIPHeader2 final : public CheckIPHeader {
public:
    CheckIPHeader2() : CheckIPHeader(false) {}
    const char* class_name() const override { return "CheckIPHeader2"; }
};

/// The older form has bad source addresses where an offset is expected.
bool is_older_form(const std::vector<std::string>& conf) {
    if (conf.empty()) {
        return false;
    }
    std::string_view first = conf[0];
    std::string_view word = take_word(first);
    uint64_t offset;
    return !is_keyword(word) && !parse_unsigned(word, offset);
}

int CheckIPHeader::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    constexpr uint32_t kMaxOffset = 0xffff;
    constexpr int kPointToPoint = 31;
    IPAddressList older_bad_sources;
    IPAddressList bad_sources;
    InterfaceList interfaces;
    IPAddressList good_destinations;
    Args args(conf, this, errh);
    bool older = is_older_form(conf);
    if (older) {
        args.optional("BADSRC", older_bad_sources);
    } else {
        args.keyword("BADSRC", bad_sources);
    }
    args.optional("OFFSET", bounded(_offset, 0, kMaxOffset), 0)
        .keyword("INTERFACES", interfaces)
        .keyword("GOODDST", good_destinations)
        .keyword("CHECKSUM", _checksum, _checksum_default);
    if (check_arguments(args).complete() < 0) {
        return -1;
    }
    _good_destinations = std::move(good_destinations);
    _bad_sources = older ? older_bad_sources : bad_sources;
    for (const IPPrefix& interface : interfaces.interfaces) {
        // The two addresses of a /31 are hosts (RFC 3021).
        if (interface.mask.mask_length() != kPointToPoint) {
            _bad_sources.addresses.push_back((interface.address & interface.mask) | ~interface.mask);
        }
        _good_destinations.addresses.push_back(interface.address);
    }
    if (older || !interfaces.interfaces.empty()) {
        _bad_sources.addresses.emplace_back();
        _bad_sources.addresses.emplace_back(0xffffffffU);
    }
    for (IPAddress bad : _bad_sources.addresses) {
        _bad_source_filter |= filter_bits(bad.network_order());
    }
    return 0;
}

}  // namespace

CLICK_ELEMENT(CheckIPHeader)
CLICK_ELEMENT(CheckIPHeader2)

}  // namespace click

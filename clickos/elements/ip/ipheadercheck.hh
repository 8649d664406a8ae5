// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/annotations.hh>

#include "elements/ip/addresslist.hh"
#include "lib/checksum.hh"
#include "net/ip.hh"

namespace click {

/// Interface addresses with their masks, separated by spaces.
struct InterfaceList {
    std::vector<IPPrefix> interfaces;
};

inline bool parse_arg(std::string_view text, InterfaceList& value, ArgContext& context) {
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

/// What CheckIPHeader and IPInputCombo ask of an IP header, and what they set when it is right.
class IpHeaderCheck {
public:
    enum Reason : uint8_t { kTiny, kBadVersion, kBadHeaderLength, kBadLength, kBadChecksum, kBadSource };
    static constexpr const char* kWhat = "IP header check failed";
    static constexpr const char* kReasons[] = {"tiny packet",   "bad IP version",  "bad IP header length",
                                               "bad IP length", "bad IP checksum", "bad source address"};
    static constexpr int kGood = -1;

    /// Addresses that decide. The older form of the arguments has those of broadcasts among its bad sources.
    struct Addresses {
        IPAddressList bad_sources;
        InterfaceList interfaces;
        IPAddressList good_destinations;
        bool older_form = false;

        Args& add_keywords(Args& args) {
            return args.keyword("INTERFACES", interfaces).keyword("GOODDST", good_destinations);
        }
    };
    void set_addresses(const Addresses& addresses);
    void set_checksum(bool checksum) { _checksum = checksum; }

    /// kGood or a Reason, for a header `offset` bytes into the packet.
    int check(Packet& packet, uint32_t offset) const {
        if (packet.length() < offset + sizeof(IpHeader)) {
            return kTiny;
        }
        const auto& ip = *reinterpret_cast<const IpHeader*>(packet.data() + offset);
        if (ip.version() != 4) {
            return kBadVersion;
        }
        unsigned header_length = ip.header_length();
        if (header_length < sizeof(IpHeader)) {
            return kBadHeaderLength;
        }
        unsigned length = ip.length();
        if (length > packet.length() - offset || length < header_length ||
            ip.fragment_offset() + length > kMaxIpLength) {
            return kBadLength;
        }
        if (_checksum && ip_header_checksum(&ip, header_length) != 0) {
            return kBadChecksum;
        }
        if ((_bad_source_filter & filter_bits(ip.source)) == filter_bits(ip.source) && is_bad_source(ip)) [[unlikely]] {
            return kBadSource;
        }
        packet.set_network_header(packet.data() + offset, header_length);
        packet.take(packet.length() - offset - length);
        anno::set_dst_ip(packet, IPAddress(ip.destination));
        return kGood;
    }

private:
    /// A Bloom filter, two of 64 bits a bad source, keeps nearly all packets from the list.
    static uint64_t filter_bits(uint32_t source) {
        uint64_t hash = source * uint64_t{0x9e3779b97f4a7c15U};
        return uint64_t{1} << (hash >> 58) | uint64_t{1} << (hash >> 52 & 63);
    }
    [[gnu::noinline]] bool is_bad_source(const IpHeader& ip) const {
        return _bad_sources.contains(IPAddress(ip.source)) && !_good_destinations.contains(IPAddress(ip.destination));
    }

    bool _checksum = true;
    uint64_t _bad_source_filter = 0;
    IPAddressList _bad_sources;
    IPAddressList _good_destinations;
};

}  // namespace click

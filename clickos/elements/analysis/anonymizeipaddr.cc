// SPDX-License-Identifier: Apache-2.0
/*
=c
AnonymizeIPAddr([I<keywords> CLASS, PRESERVE_8, SEED])
=s traces
replaces IP addresses and keeps their prefixes together
=d
Replaces the source and destination addresses of IPv4 packets, whose IP header must be marked, so that addresses that had
the first N bits in common have the first N bits in common afterwards, and nothing else is told about them: which bit is
turned over depends on a keyed hash of the bits before it. 0.0.0.0 and 255.255.255.255 stay as they are. The checksum of the
IP header is updated, right if it was right; no other checksum and no address within the packet is. Packets that are no IPv4
packets leave by output 1 if it is connected; else they are dropped.

Keyword arguments are:
=over 8
=item CLASS
Integer, 0 to 32. So many leading one bits of an address stay: with 1, what was a class A address is one afterwards and
nothing else is, with 2 the same for class B, and so on. Default is 0.
=item PRESERVE_8
Numbers from 0 to 255, separated by spaces: addresses of these /8 networks stay in their network, and no others come into
it. Default is none.
=item SEED
Boolean, or an unsigned number. Whether the key is chosen at random; if not, or with a number, the same addresses become the
same ones each time, and who knows the number can find out about them. Default is true.
=back
=e
  FromDump(trace.pcap, STOP true, FORCE_IP true) -> AnonymizeIPAddr(CLASS 4) -> ToDump(anonymous.pcap, ENCAP IP);
=a StoreIPAddress
*/
#include <click/element.hh>

#include <algorithm>
#include <bitset>

#include "lang/confparse.hh"
#include "lib/checksum.hh"
#include "lib/siphash.hh"
#include "net/ip.hh"
#include "platform/platform.hh"

namespace click {

namespace {

/// The key of the hash: from whether it is random, or a number.
struct Key {
    std::array<uint64_t, 2> words{};
};

Key random_key() { return {{platform::entropy(), platform::entropy()}}; }

bool parse_arg(std::string_view text, Key& value, ArgContext& context) {
    bool random = false;
    uint64_t number = 0;
    if (parse_bool(text, random)) {
        value = random ? random_key() : Key();
        return true;
    }
    if (!parse_unsigned(text, number)) {
        return context.error("should be Boolean or an unsigned number");
    }
    value = {{number, ~number}};
    return true;
}

/// Networks of 8 bits that stay: for each prefix of up to 7 bits, whether one of them begins with it.
struct Networks {
    std::bitset<256> kept;  ///< by 1, and behind it the bits of the prefix
};

bool parse_arg(std::string_view text, Networks& value, ArgContext& context) {
    Networks networks;
    for (const std::string& word : split_words(text)) {
        uint64_t network = 0;
        if (!parse_unsigned(word, network) || network > 255) {
            return context.error("bad network '%s'; should be 0 to 255", word.c_str());
        }
        for (unsigned bits = 0; bits < 8; ++bits) {
            networks.kept.set((256 | network) >> (8 - bits));
        }
    }
    value = networks;
    return true;
}

class AnonymizeIPAddr final : public PacketAction<AnonymizeIPAddr> {
public:
    const char* class_name() const override { return "AnonymizeIPAddr"; }
    const char* port_count() const override { return "1/1-2"; }
    const char* processing() const override { return "a/ah"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh)
            .keyword("CLASS", bounded(_class, 0, kBits), 0)
            .keyword("PRESERVE_8", _networks, {})
            .keyword("SEED", _key, random_key())
            .complete();
    }

    PacketPtr simple_action(PacketPtr packet) {
        const IpHeader* header = whole_ip_header(*packet);
        if (!header || header->version() != 4) {
            checked_push(1, std::move(packet));
            return {};
        }
        packet = uniqueify(std::move(packet));
        if (packet) {
            IpHeader* ip = mutable_ip_header(*packet);
            uint32_t before[] = {ip->source, ip->destination};
            ip->source = net32(anonymous(net32(ip->source)));
            ip->destination = net32(anonymous(net32(ip->destination)));
            uint32_t after[] = {ip->source, ip->destination};
            for (int i = 0; i < 2; ++i) {
                ip->checksum = checksum_update(ip->checksum, static_cast<uint16_t>(before[i]),  //
                                               static_cast<uint16_t>(after[i]));
                ip->checksum = checksum_update(ip->checksum, static_cast<uint16_t>(before[i] >> 16),
                                               static_cast<uint16_t>(after[i] >> 16));
            }
        }
        return packet;
    }

private:
    static constexpr unsigned kBits = 32;

    uint32_t anonymous(uint32_t address) const;

    unsigned _class = 0;
    Networks _networks;
    Key _key;
};

/// Address in host order. A hash of the first bits decides for all that the next six bits may be: they lead to one of the
/// 63 inner nodes of a tree, each of which has a bit of the hash.
uint32_t AnonymizeIPAddr::anonymous(uint32_t address) const {
    constexpr unsigned kStep = 6;
    if (address == 0 || ~address == 0) {
        return address;
    }
    uint32_t turned = 0;
    for (unsigned start = 0; start < kBits; start += kStep) {
        uint64_t prefix = uint64_t{address} >> (kBits - start);
        uint64_t hash = siphash(uint64_t{start} << kBits | prefix, _key.words);
        for (unsigned bit = start; bit < std::min(start + kStep, kBits); ++bit) {
            uint64_t node = uint64_t{1} << (bit - start);
            node |= (uint64_t{address} >> (kBits - bit)) & (node - 1);
            turned |= static_cast<uint32_t>(hash >> node & 1) << (kBits - 1 - bit);
        }
    }
    unsigned kept = std::min(_class, static_cast<unsigned>(std::countl_one(address)) + 1);
    turned &= static_cast<uint32_t>((uint64_t{1} << (kBits - kept)) - 1);
    for (unsigned bit = 0; bit < 8; ++bit) {
        if (_networks.kept.test((256 | address >> 24) >> (8 - bit))) {
            turned &= ~(uint32_t{1} << (kBits - 1 - bit));
        }
    }
    return address ^ turned;
}

}  // namespace

CLICK_ELEMENT(AnonymizeIPAddr)

}  // namespace click

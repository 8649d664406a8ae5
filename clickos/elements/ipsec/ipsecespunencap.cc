// SPDX-License-Identifier: Apache-2.0
/*
=c
IPsecESPUnencap([SA, SA, ...] [, I<keywords> KEYS])
=s ipsec
decrypts and checks ESP packets
=d
Takes IP packets out of the ESP packets in tunnel mode (RFC 4303) that they came in. A packet has to begin with its ESP header and
to end with it, so in front of this element stand CheckIPHeader and StripIPHeader. It is let through only if its association is
known, it is authentic, it was not there before, and what was in it is one whole IPv4 or IPv6 packet, whose network header is
set. Where the ESP packet's IPv4 header, which StripIPHeader leaves in front of it, says that congestion was met, the inner
packet says it too (RFC 6040). Everything else is dropped, and counted by its reason. Let a CheckIPHeader follow, and a filter that lets in only the
addresses that the peer may send from.

Each SA is one security association to receive by, C<SPI ENC_KEY AUTH_KEY [REPLAY [OOWIN]] [ESN]>:
=over 8
=item SPI
The security parameters index by which packets name the association, not 0.
=use esp-keys
=item REPLAY
The highest sequence number that was received by the association; lower ones are replays. Default is 0.
=item OOWIN
How far behind the highest sequence number a packet may come, 64 to 4096. Default is 64.
=item ESN
The word C<ESN>: sequence numbers have 64 bits, of which packets carry the lower 32.
=back

To replace an association, write the new one to C<add>, have the peer send by it, and write the old SPI to C<remove>: no packet
is lost, since both are received meanwhile.

Keyword arguments are:
=over 8
=item KEYS
A file with more associations, one a line; C<#> begins a comment. So no key is in the configuration, which others may read: the
handlers of the router show C<***> in place of keys, but the configuration's file does not. A guest has no files: write the
handler C<add>.
=back

Elsewhere, Click has this work done by IPsecAES, IPsecAuthHMACSHA1 and IPsecESPUnencap in turn; here this element does it all.
=h add write-only
Receives by one more association; an error when that SPI has one.
=h remove write-only
Forgets the association of an SPI.
=h table read-only
The associations, one a line: SPI, algorithm, highest sequence number, window, packets and bytes, and C<ESN>; never their keys.
=h count read-only
Packets that were let through.
=h drops read-only
Packets that were dropped.
=h unknown_spi read-only
Those that no association was known for.
=h truncated read-only
Those that have a length that no ESP packet of their association has.
=h replayed read-only
Those whose sequence number was there before, or is older than the window.
=h bad_icv read-only
Those that are not authentic.
=h bad_padding read-only
Those whose padding is not that of RFC 4303.
=h bad_inner read-only
Those that hold no whole IPv4 or IPv6 packet.
=h congested read-only
Those that met congestion on their way and hold a packet that cannot say so.
=h dummies read-only
Those that hold nothing, as their next header 59 says.
=e
  ... -> CheckIPHeader -> IPClassifier(ip proto esp) -> StripIPHeader
      -> IPsecESPUnencap(0x2001 00112233445566778899aabbccddeeff0a1b2c3d - 0 1024)
      -> CheckIPHeader -> ...
=a IPsecESPEncap, RadixIPsecLookup, StripIPHeader
*/
#include <map>

#include "elements/ip/ecn.hh"
#include "elements/ipsec/association.hh"
#include "elements/ipsec/espaction.hh"
#include "lang/confparse.hh"
#include "lib/checksum.hh"
#include "lib/format.hh"
#include "net/esp.hh"
#include "net/ip.hh"
#include "net/ip6.hh"

namespace click {

namespace {

enum Reason : uint8_t {
    kUnknown,
    kTruncated,
    kReplayed,
    kBadIcv,
    kBadPadding,
    kBadInner,
    kCongested,
    kDummy,
    kReasons
};

class IPsecESPUnencap final : public EspAction<IPsecESPUnencap, kReasons> {
public:
    const char* class_name() const override { return "IPsecESPUnencap"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void take_state(Element& old, ErrorHandler& errh) override;
    void add_handlers() override;

    PacketPtr simple_action(PacketPtr packet) {
        const auto* esp = data_header<EspHeader>(*packet);
        if (!esp) [[unlikely]] {
            return drop(kTruncated);
        }
        Association* association = find(net32(esp->spi));
        if (!association) [[unlikely]] {
            return drop(kUnknown);
        }
        const uint8_t ecn = outer_ecn(*packet);
        packet = uniqueify(std::move(packet));
        uint8_t next_header = 0;
        const auto opened = packet ? association->open(*packet, next_header) : Association::Opened::Truncated;
        if (opened != Association::Opened::Good) [[unlikely]] {
            return drop(reason_of(opened));
        }
        if (!hold_to_header(*packet, next_header)) [[unlikely]] {
            return drop(next_header == kIpProtoNone ? kDummy : kBadInner);
        }
        if (ecn != kEcnNot && !set_ecn(*packet, ecn)) [[unlikely]] {
            return drop(kCongested);
        }
        packet->clear_mac_header();
        let_through();
        return packet;
    }

private:
    static constexpr std::array<const char*, kReasons> kNames = {"unknown_spi", "truncated", "replayed",  "bad_icv",
                                                                 "bad_padding", "bad_inner", "congested", "dummies"};
    /// As many as a configuration or a handler may add: each takes some 3 kB.
    static constexpr size_t kMostAssociations = 4096;

    struct Known {
        AssociationPtr association;
        bool configured;  ///< not by a handler
    };

    static Reason reason_of(Association::Opened opened) {
        switch (opened) {
            case Association::Opened::Replayed:
                return kReplayed;
            case Association::Opened::Forged:
                return kBadIcv;
            case Association::Opened::BadPadding:
                return kBadPadding;
            default:
                return kTruncated;
        }
    }
    static bool hold_to_header(Packet& packet, uint8_t next_header);
    static uint8_t outer_ecn(const Packet& packet);
    static bool set_ecn(Packet& packet, uint8_t outer);

    /// Most packets come by the association that the one before came by.
    Association* find(uint32_t spi) {
        if (!_last || _last->spi() != spi) {
            auto found = _associations.find(spi);
            _last = found != _associations.end() ? found->second.association.get() : nullptr;
        }
        return _last;
    }
    int insert(AssociationPtr association, bool configured, ErrorHandler& errh);
    int add(std::string_view value, ErrorHandler& errh);
    int remove(std::string_view value, ErrorHandler& errh);
    std::string table() const;

    std::map<uint32_t, Known> _associations;
    Association* _last = nullptr;
};

/// Whether the packet is of the protocol that it is said to be, and whole. What follows it hides its length (RFC 4303 2.7) and
/// is cut off.
bool IPsecESPUnencap::hold_to_header(Packet& packet, uint8_t next_header) {
    uint32_t header_length = 0;
    uint32_t length = 0;
    if (const auto* ip = data_header<IpHeader>(packet); next_header == kIpProtoIp && ip && ip->version() == 4) {
        header_length = ip->header_length() >= sizeof(IpHeader) ? ip->header_length() : UINT32_MAX;
        length = ip->length();
    } else if (const auto* ip6 = data_header<Ip6Header>(packet);
               next_header == kIpProtoIp6 && ip6 && ip6->version() == 6) {
        header_length = sizeof(Ip6Header);
        length = header_length + ip6->length();
    }
    if (length == 0 || length < header_length || length > packet.length()) {
        return false;
    }
    packet.take(packet.length() - length);
    packet.set_network_header(packet.data(), header_length);
    return true;
}

/// The ECN bits of the header that ends where the packet begins.
uint8_t IPsecESPUnencap::outer_ecn(const Packet& packet) {
    const IpHeader* ip = whole_ip_header(packet);
    return ip && ip->version() == 4 && packet.network_header() + ip->header_length() == packet.data()
               ? ip->tos & kEcnMask
               : kEcnNot;
}

/// False when the packet is to be dropped.
bool IPsecESPUnencap::set_ecn(Packet& packet, uint8_t outer) {
    constexpr unsigned kClassShift = 4;  // the traffic class of IPv6 begins in the middle of a byte
    if (packet.data()[0] >> 4 == 4) {
        auto& ip = *reinterpret_cast<IpHeader*>(packet.mutable_data());
        uint8_t ecn = ip.tos & kEcnMask;
        bool stays = leave_tunnel(outer, ecn);
        auto tos = static_cast<uint8_t>((ip.tos & ~kEcnMask) | ecn);
        auto word = [&](uint8_t value) { return net16(static_cast<uint16_t>(ip.version_length << 8 | value)); };
        ip.checksum = checksum_update(ip.checksum, word(ip.tos), word(tos));
        ip.tos = tos;
        return stays;
    }
    auto& ip = *reinterpret_cast<Ip6Header*>(packet.mutable_data());
    uint8_t ecn = ip.class_flow >> kClassShift & kEcnMask;
    bool stays = leave_tunnel(outer, ecn);
    ip.class_flow = static_cast<uint8_t>((ip.class_flow & ~(kEcnMask << kClassShift)) | ecn << kClassShift);
    return stays;
}

int IPsecESPUnencap::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    std::vector<std::string> arguments;
    if (Args(conf, this, errh).keyword("KEYS", _keys).rest(arguments).complete() < 0) {
        return -1;
    }
    int result = 0;
    for (size_t i = 0; i < arguments.size(); ++i) {
        std::vector<std::string> words = split_words(arguments[i]);
        PrefixErrorHandler numbered(errh, format("argument %zu: ", i + 1));
        AssociationPtr made = Association::make(words, this, numbered);
        if (!made || insert(std::move(made), true, numbered) < 0) {
            result = -1;
        } else {
            keep_keys(words, _secrets);
        }
    }
    return result;
}

int IPsecESPUnencap::initialize(ErrorHandler& errh) {
    std::vector<AssociationPtr> read;
    if (!_keys.path.empty() && !read_associations(_keys.path, read, this, errh)) {
        return -1;
    }
    int result = 0;
    for (AssociationPtr& one : read) {
        result = insert(std::move(one), true, errh) < 0 ? -1 : result;
    }
    return result;
}

void IPsecESPUnencap::take_state(Element& old, ErrorHandler& errh) {
    auto& other = static_cast<IPsecESPUnencap&>(old);
    take_counts(other);
    // The same keys go on with the window that they had; so do associations that no configuration knows.
    for (auto& [spi, known] : other._associations) {
        auto own = _associations.find(spi);
        if (own != _associations.end() && own->second.association->same_as(*known.association)) {
            own->second.association = std::move(known.association);
        } else if (own == _associations.end() && !known.configured) {
            insert(std::move(known.association), false, errh);
        }
    }
    _last = nullptr;
    other._associations.clear();
    other._last = nullptr;
}

int IPsecESPUnencap::insert(AssociationPtr association, bool configured, ErrorHandler& errh) {
    const uint32_t spi = association->spi();
    if (_associations.contains(spi)) {
        return errh.error("association 0x%08x exists already; remove it first", spi);
    }
    if (_associations.size() == kMostAssociations) {
        return errh.error("there are %zu associations already, the most that there can be", kMostAssociations);
    }
    _associations.try_emplace(spi, Known{std::move(association), configured});
    _last = nullptr;
    return 0;
}

int IPsecESPUnencap::add(std::string_view value, ErrorHandler& errh) {
    AssociationPtr made = Association::make(split_words(value), this, errh);
    return made ? insert(std::move(made), false, errh) : -1;
}

int IPsecESPUnencap::remove(std::string_view value, ErrorHandler& errh) {
    ArgContext context(this, errh, "SPI");
    uint32_t spi;
    if (!parse_arg(trim(value), spi, context)) {
        return errh.error("expected SPI");
    }
    if (_associations.erase(spi) == 0) {
        return errh.error("association 0x%08x not found", spi);
    }
    _last = nullptr;
    return 0;
}

std::string IPsecESPUnencap::table() const {
    std::string text;
    for (const auto& [spi, known] : _associations) {
        text += known.association->show() + '\n';
    }
    return text;
}

void IPsecESPUnencap::add_handlers() {
    add_write_handler<&IPsecESPUnencap::add>("add");
    add_write_handler<&IPsecESPUnencap::remove>("remove");
    add_read_handler<&IPsecESPUnencap::table>("table");
    add_count_handlers(kNames);
}

}  // namespace

CLICK_ELEMENT(IPsecESPUnencap)

}  // namespace click

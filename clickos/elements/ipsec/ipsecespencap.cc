// SPDX-License-Identifier: Apache-2.0
/*
=c
IPsecESPEncap([SA] [, I<keywords> KEYS, TABLE])
=s ipsec
encrypts and authenticates IP packets
=d
Makes each IP packet the payload of an ESP packet in tunnel mode (RFC 4303): in front of it come the ESP header and the
initialization vector, behind it padding and the integrity check value, and all of it is encrypted and authenticated. The outer
IP header is for an IPEncap behind this element to add. The padding fills whole blocks of 16 bytes: with AES-GCM a packet grows by
34 to 49 bytes, with AES-CBC by 42 to 57, and the outer header. IPv4 and IPv6 packets may be mixed; they have to begin where the packet
begins. What is neither is dropped.

SA is the security association to send by, C<SPI ENC_KEY AUTH_KEY [REPLAY [OOWIN]] [ESN]>:
=over 8
=item SPI
The peer's security parameters index, not 0.
=use esp-keys
=item REPLAY
The number of the last packet that was sent by the association; the first one gets the next. Default is 0. After the last number
(4,294,967,295, without ESN) packets are dropped: the association has to be replaced before.
=item OOWIN
The size of the receiver's window, of no meaning here.
=item ESN
The word C<ESN>: sequence numbers have 64 bits, of which packets carry the lower 32.
=back

Where no SA is configured, none is known until one is written to the handler C<sa>.

A key belongs to one association, and so to one direction: give two peers, or the two directions, the same key and the contents
of packets can be found out. Initialization vectors begin at a random number, so that a program that starts again with the
keys that it had does not repeat any; its sequence numbers do begin again, and a peer that has seen them takes them for
replays. Better have keys that live as long as the program.

Keyword arguments are:
=over 8
=item KEYS
A file with the SA in it, in place of the argument; C<#> begins a comment. So no key is in the configuration, which others may
read: the handlers of the router show C<***> in place of keys, but the configuration's file does not. A guest has no files: write
the handler C<sa>.
=item TABLE
A RadixIPsecLookup in front of this element, in place of SA and KEYS: each packet is sent by the association of the route that it
came by.
=back

Elsewhere, Click has this work done by IPsecESPEncap, IPsecAuthHMACSHA1 and IPsecAES in turn; here this element does it all.
=h sa read/write
Takes another association, from the next packet on: when the peer has it already, no packet is lost. Shows its SPI, algorithm, last
sequence number, window, packets and bytes, and C<ESN>; never its keys.
=h count read-only
Packets that were encrypted.
=h drops read-only
Packets that were dropped.
=h no_sa read-only
Those for which there was no association.
=h not_ip read-only
Those that were no IP packets.
=h exhausted read-only
Those for which there was no sequence number left.
=h too_long read-only
Those that no IP packet could carry, or for which memory was missing.
=e
  ... -> CheckIPHeader
      -> IPsecESPEncap(0x1001 b7d6c6d2d1f4a5a4c3b2a1908f7e6d5c0a1b2c3d -)
      -> IPEncap(esp, 192.0.2.1, 192.0.2.2) -> ...
=a IPsecESPUnencap, RadixIPsecLookup, IPEncap
*/
#include "elements/ipsec/espaction.hh"
#include "elements/ipsec/tunnels.hh"
#include "lang/confparse.hh"
#include "net/esp.hh"
#include "net/ip.hh"

namespace click {

namespace {

enum Reason : uint8_t { kNoAssociation, kNotIp, kExhausted, kTooLong, kReasons };

class IPsecESPEncap final : public EspAction<IPsecESPEncap, kReasons> {
public:
    const char* class_name() const override { return "IPsecESPEncap"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void take_state(Element& old, ErrorHandler& errh) override;
    void add_handlers() override;

    PacketPtr simple_action(PacketPtr packet) {
        const int version = packet->length() != 0 ? *packet->data() >> 4 : 0;
        if (version != 4 && version != 6) [[unlikely]] {
            return drop(kNotIp);
        }
        Association* association =
            _tunnels ? _tunnels->find(packet->anno_u32(Tunnels::kAnnotation)) : _association.get();
        if (!association || association->exhausted()) [[unlikely]] {
            return drop(association ? kExhausted : kNoAssociation);
        }
        if (packet->length() <= kMostPayload) [[likely]] {
            packet = association->seal(std::move(packet), version == 4 ? kIpProtoIp : kIpProtoIp6);
            if (packet) [[likely]] {
                packet->clear_network_header();
                packet->clear_mac_header();
                let_through();
                return packet;
            }
        }
        return drop(kTooLong);
    }

private:
    static constexpr std::array<const char*, kReasons> kNames = {"no_sa", "not_ip", "exhausted", "too_long"};
    /// What becomes no longer than an IP packet can be: headers, vector, padding and check value are less than 100 bytes.
    static constexpr uint32_t kMostPayload = kMaxIpLength - 100;

    std::string show() const { return _association ? _association->show() : std::string(); }
    int replace(std::string_view value, ErrorHandler& errh);

    AssociationPtr _association;
    Tunnels* _tunnels = nullptr;  ///< of the table whose routes say which association
    bool _configured = false;     ///< not by a handler
};

int IPsecESPEncap::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    RawArg text;
    Element* table = nullptr;
    if (Args(conf, this, errh).optional("SA", text).keyword("KEYS", _keys).keyword("TABLE", table).complete() < 0) {
        return -1;
    }
    const bool has_argument = !text.text.empty();
    const bool has_file = !_keys.path.empty();
    if (int{has_argument} + int{has_file} + int{table != nullptr} > 1) {
        return errh.error("SA, KEYS and TABLE exclude each other");
    }
    _configured = has_argument || has_file;
    if (table) {
        _tunnels = table->as<Tunnels>();
        return _tunnels ? 0 : errh.error("TABLE: '%s' is no RadixIPsecLookup", table->name().c_str());
    }
    if (!has_argument) {
        return 0;
    }
    std::vector<std::string> words = split_words(text.text);
    _association = Association::make(words, this, errh);
    if (!_association) {
        return -1;
    }
    keep_keys(words, _secrets);
    return 0;
}

int IPsecESPEncap::initialize(ErrorHandler& errh) {
    if (_keys.path.empty()) {
        return 0;
    }
    std::vector<AssociationPtr> read;
    if (!read_associations(_keys.path, read, this, errh)) {
        return -1;
    }
    if (read.size() != 1) {
        return errh.error("%s: has %zu associations; this element takes one", _keys.path.c_str(), read.size());
    }
    _association = std::move(read[0]);
    return 0;
}

void IPsecESPEncap::take_state(Element& old, ErrorHandler&) {
    auto& other = static_cast<IPsecESPEncap&>(old);
    take_counts(other);
    // The same keys go on with the numbers that they had; so does an association that no configuration knows.
    if (other._association && (_configured ? _association->same_as(*other._association) : !other._configured)) {
        _association = std::move(other._association);
    }
}

int IPsecESPEncap::replace(std::string_view value, ErrorHandler& errh) {
    AssociationPtr made = Association::make(split_words(value), this, errh);
    if (!made) {
        return -1;
    }
    if (_tunnels) {
        return errh.error("the routes of TABLE say which association; set those");
    }
    if (_association && made->same_as(*_association)) {
        return errh.error("association 0x%08x with these keys is in use", made->spi());
    }
    _association = std::move(made);
    _configured = false;
    return 0;
}

void IPsecESPEncap::add_handlers() {
    add_read_handler<&IPsecESPEncap::show>("sa");
    add_write_handler<&IPsecESPEncap::replace>("sa");
    add_count_handlers(kNames);
}

}  // namespace

CLICK_ELEMENT(IPsecESPEncap)

}  // namespace click

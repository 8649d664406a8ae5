// SPDX-License-Identifier: Apache-2.0
/*
=c
SetIPDSCP(DSCP)
=s ip
sets the DSCP field of IP headers
=d
Expects IP packets with their header marked. Sets the differentiated services code point (RFC 2474) to DSCP, 0 to 63, and
updates the checksum. A packet without a whole IP header passes as it is.
=h dscp read/write
The DSCP argument.
=e
  ... -> CheckIPHeader -> SetIPDSCP(46) -> ...
=a SetIPECN, MarkIPCE
*/
/*
=c
SetIPECN(ECN)
=s ip
sets the ECN field of IP headers
=d
Expects IP packets with their header marked. Sets the explicit congestion notification bits (RFC 3168) to ECN, which is
C<no>, C<ect1>, C<ect2>, C<ce>, or a number 0 to 3, and updates the checksum.
=h ecn read/write
The ECN argument, as a number.
=e
  ... -> CheckIPHeader -> SetIPECN(ect1) -> ...
=a SetIPDSCP, MarkIPCE
*/
/*
=c
MarkIPCE([FORCE])
=s ip
sets the ECN field of IP headers to Congestion Experienced
=d
Expects IP packets with their header marked. Packets whose ECN field says that they can bear it (ECT) get Congestion
Experienced (RFC 3168); packets without ECT are dropped, or marked too when FORCE is true. Default is false.
=h drops read
How many packets were dropped.
=e
  ... -> CheckIPHeader -> red :: RED(5, 50, 0.02) -> q :: Queue -> ToDevice(eth0);
  red[1] -> MarkIPCE -> q;
=a SetIPECN, SetIPDSCP
*/
#include <click/element.hh>

#include "elements/ip/ecn.hh"
#include "lib/checksum.hh"
#include "net/ip.hh"

namespace click {

namespace {

/// The packet, unshared, with the bits of `mask` in its type of service byte set to `bits` and its checksum updated.
PacketPtr set_tos_bits(PacketPtr packet, uint8_t mask, uint8_t bits) {
    if (!whole_ip_header(*packet)) {
        return packet;
    }
    packet = uniqueify(std::move(packet));
    if (packet) {
        IpHeader* ip = mutable_ip_header(*packet);
        auto tos = static_cast<uint8_t>((ip->tos & ~mask) | bits);
        auto word = [&](uint8_t value) { return net16(static_cast<uint16_t>(ip->version_length << 8 | value)); };
        ip->checksum = checksum_update(ip->checksum, word(ip->tos), word(tos));
        ip->tos = tos;
    }
    return packet;
}

class SetIPDSCP final : public PacketAction<SetIPDSCP> {
public:
    const char* class_name() const override { return "SetIPDSCP"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).mandatory("DSCP", bounded(_dscp, 0, kMost)).complete();
    }
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override { add_setting_handler("dscp", bounded(_dscp, 0, kMost)); }

    PacketPtr simple_action(PacketPtr packet) {
        return set_tos_bits(std::move(packet), static_cast<uint8_t>(~kEcnMask), static_cast<uint8_t>(_dscp << 2));
    }

private:
    static constexpr uint8_t kMost = 63;
    uint8_t _dscp = 0;
};

class SetIPECN final : public PacketAction<SetIPECN> {
public:
    const char* class_name() const override { return "SetIPECN"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).mandatory("ECN", _ecn).complete();
    }
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override { add_setting_handler("ecn", _ecn); }

    PacketPtr simple_action(PacketPtr packet) { return set_tos_bits(std::move(packet), kEcnMask, _ecn.bits); }

private:
    EcnValue _ecn;
};

class MarkIPCE final : public PacketAction<MarkIPCE> {
public:
    const char* class_name() const override { return "MarkIPCE"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).optional("FORCE", _force, false).complete();
    }
    void add_handlers() override { add_data_handler("drops", _drops); }

    PacketPtr simple_action(PacketPtr packet) {
        const IpHeader* ip = whole_ip_header(*packet);
        if (!ip || (!_force && (ip->tos & kEcnMask) == kEcnNot)) {
            ++_drops;
            return {};
        }
        return set_tos_bits(std::move(packet), kEcnMask, kEcnCe);
    }

private:
    bool _force = false;
    Tally _drops;
};

}  // namespace

CLICK_ELEMENT(SetIPDSCP)
CLICK_ELEMENT(SetIPECN)
CLICK_ELEMENT(MarkIPCE)

}  // namespace click

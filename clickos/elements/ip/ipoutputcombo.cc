// SPDX-License-Identifier: Apache-2.0
/*
=c
IPOutputCombo(COLOR, IPADDR, MTU)
=s ip
does what an IP router does to packets that go out
=d
One element for what ends an IP router's way of packets; the same as

  elementclass IPOutputCombo { $COLOR, $IPADDR, $MTU |
      input -> DropBroadcasts -> p :: PaintTee($COLOR) -> g :: IPGWOptions($IPADDR) -> FixIPSrc($IPADDR)
          -> d :: DecIPTTL -> l :: CheckLength($MTU) -> output;
      p[1] -> [1]output; g[1] -> [2]output; d[1] -> [3]output; l[1] -> [4]output }

Output 0 is for packets that go on; output 1 for copies of those that leave by the interface that they came by, which
deserve an ICMP redirect; output 2 for those with wrong options, output 3 for those whose time is over, and output 4 for
those that are too long. IPOutputCombo does not fragment: connect an IPFragmenter to output 4.
=e
  Idle -> out :: IPOutputCombo(1, 18.26.4.24, 1500) -> Queue(20) -> Discard;
  out[1] -> ICMPError(18.26.4.24, redirect, host) -> Discard;
  out[2] -> ICMPError(18.26.4.24, parameterproblem) -> Discard;
  out[3] -> ICMPError(18.26.4.24, timeexceeded) -> Discard;
  out[4] -> IPFragmenter(1500) -> Discard;
=a DropBroadcasts, PaintTee, CheckLength, IPGWOptions, FixIPSrc, DecIPTTL, IPFragmenter, IPInputCombo
*/
#include <click/element.hh>

#include "elements/ip/gatewayoptions.hh"
#include "elements/ip/timetolive.hh"
#include "elements/ip/wantedsource.hh"

namespace click {

namespace {

class IPOutputCombo final : public Element {
public:
    const char* class_name() const override { return "IPOutputCombo"; }
    const char* port_count() const override { return "1/5"; }
    const char* processing() const override { return kPush; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        if (Args(conf, this, errh)
                .mandatory("COLOR", _color)
                .mandatory("IPADDR", _address)
                .mandatory("MTU", _mtu)
                .complete() < 0) {
            return -1;
        }
        _options.set_addresses(_address, {});
        return 0;
    }
    void push(int, PacketBatch& batch) override {
        PacketBatch aside[kOutputs - 1];
        batch.map([&](PacketPtr packet) {
            int way = 0;
            packet = pass(std::move(packet), aside[kRedirected - 1], way);
            if (way != 0) [[unlikely]] {
                aside[way - 1].append(std::move(packet));
            }
            return packet;
        });
        for (int way = 1; way < kOutputs; ++way) {
            output(way).push(aside[way - 1]);
        }
        output(0).push(batch);
    }

private:
    enum Way : int { kRedirected = 1, kWrongOptions, kTimeOver, kTooLong, kOutputs };

    PacketPtr pass(PacketPtr packet, PacketBatch& copies, int& way) const {
        if (packet->type() == Packet::Type::Broadcast || packet->type() == Packet::Type::Multicast) [[unlikely]] {
            return {};
        }
        if (packet->anno_u8(anno::kPaint) == _color) {
            copies.append(packet->clone());
        }
        if (!GatewayOptions::is_plain(*packet)) [[unlikely]] {
            bool wrong = false;
            packet = _options.process(std::move(packet), wrong);
            if (wrong) {
                way = kWrongOptions;
                return packet;
            }
        }
        if (packet && wants_source(*packet)) [[unlikely]] {
            packet = give_source(std::move(packet), _address);
        }
        const IpHeader* ip = packet ? ip_header(*packet) : nullptr;
        if (!ip) [[unlikely]] {
            return {};
        }
        if (ip->ttl <= 1) [[unlikely]] {
            way = kTimeOver;
            return packet;
        }
        packet = uniqueify(std::move(packet));
        if (packet) {
            decrement_ttl(*mutable_ip_header(*packet));
            way = packet->length() > _mtu ? kTooLong : 0;
        }
        return packet;
    }

    uint8_t _color = 0;
    IPAddress _address;
    uint32_t _mtu = 0;
    GatewayOptions _options;
};

}  // namespace

CLICK_ELEMENT(IPOutputCombo)

}  // namespace click

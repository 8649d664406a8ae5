// SPDX-License-Identifier: Apache-2.0
/*
=block rewriter-lookup
=h table read-only
The mappings, as IPRewriter shows them.
=h mappings read-only
An older name of table.
=h lookup read-only
Takes a flow, C<SADDR SPORT DADDR DPORT>; returns what it becomes in the same form, or nothing.
*/
#pragma once
#include <cstddef>

#include "elements/rewriter/rewriter.hh"

namespace click {

/// Base of rewriters of addresses and ports. `kTcp` and `kUdp` say which protocols have flows; with `kOneTable` flows of
/// both are not told apart.
template <typename E, bool kTcp, bool kUdp, bool kOneTable>
class TransportRewriter : public FlowRewriter<E> {
public:
    void add_handlers() override {
        Rewriter::add_handlers();
        if constexpr (!kTcp || !kUdp || kOneTable) {
            constexpr int kProtocol = kOneTable ? 0 : kTcp ? kIpProtoTcp : kIpProtoUdp;
            this->add_table_handlers(kProtocol);
            this->template add_read_handler<&TransportRewriter::look_up>("lookup", kProtocol);
        }
    }
    bool flow_of(const IpHeader& ip, uint32_t length, FlowKey& key) const final {
        unsigned header_length = ip.header_length();
        bool tcp = kTcp && ip.protocol == kIpProtoTcp;
        bool udp = kUdp && ip.protocol == kIpProtoUdp;
        if ((!tcp && !udp) || !ip.first_fragment() || length < header_length + kPorts) {
            return false;
        }
        std::memcpy(&key.id.source, &ip.source, 8);
        std::memcpy(&key.id.source_port, reinterpret_cast<const uint8_t*>(&ip) + header_length, kPorts);
        key.protocol = kOneTable ? 0 : ip.protocol;
        return true;
    }

    void change(IpHeader& ip, uint32_t length, uint32_t handle, const FlowId& to, bool reply) {
        change_flow(ip, length, handle, to, reply);
    }

    void rewrite(IpHeader& ip, uint32_t length, uint32_t handle, const FlowId& to, bool reply) {
        rewrite_flow(ip, length, handle, to, reply);
    }

protected:
    static constexpr size_t kPorts = 4;

    /// `rewrite`; returns the TCP header, where there is one.
    TcpHeader* rewrite_flow(IpHeader& ip, uint32_t length, uint32_t handle, const FlowId& to, bool reply) {
        TcpHeader* tcp = change_flow(ip, length, handle, to, reply);
        if (kTcp && tcp) [[likely]] {
            note_tcp(this->_table.flows()[handle], handle, ip, *tcp, reply);
        }
        return tcp;
    }

private:
    TcpHeader* change_flow(IpHeader& ip, uint32_t length, uint32_t handle, const FlowId& to, bool reply) {
        const Mapping& mapping = this->_table.flows()[handle];
        std::memcpy(&ip.source, &to.source, 8);
        ip.checksum =
            changed_checksum(ip.checksum, reply ? change_back(mapping.address_change) : mapping.address_change);
        std::memcpy(reinterpret_cast<uint8_t*>(&ip) + ip.header_length(), &to.source_port, kPorts);
        uint16_t change = reply ? change_back(mapping.flow_change) : mapping.flow_change;
        if (kTcp && (!kUdp || ip.protocol == kIpProtoTcp)) {
            auto* tcp = following_header<TcpHeader>(ip, length);
            if (tcp) [[likely]] {
                tcp->checksum = changed_checksum(tcp->checksum, change);
            }
            return tcp;
        }
        if (auto* udp = following_header<UdpHeader>(ip, length)) {
            change_udp_checksum(*udp, change);
        }
        return nullptr;
    }

    /// Whether the connection has data, or ends (RFC 9293 3.5 and 3.6).
    void note_tcp(Mapping& mapping, uint32_t handle, const IpHeader& ip, const TcpHeader& tcp, bool reply) {
        uint8_t state = mapping.state;
        if (tcp.flags & (TcpHeader::kFin | TcpHeader::kSyn | TcpHeader::kRst)) [[unlikely]] {
            if (tcp.flags & TcpHeader::kSyn) {
                state &= static_cast<uint8_t>(~(Mapping::kFin | Mapping::kReplyFin | Mapping::kReset));
            }
            if (tcp.flags & TcpHeader::kFin) {
                state |= reply ? Mapping::kReplyFin : Mapping::kFin;
            }
            if (tcp.flags & TcpHeader::kRst) {
                state |= Mapping::kReset;
            }
        }
        if (ip.length() > ip.header_length() + tcp.header_length()) {
            state |= reply ? Mapping::kReplyData : Mapping::kData;
        }
        if (state != mapping.state) [[unlikely]] {
            mapping.state = state;
            this->_table.renew(handle, clock::steady());
        }
    }
};

}  // namespace click

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/annotations.hh>

#include "net/ip6address.hh"

namespace click::anno {

/// The destination annotation of an IPv6 packet.
inline IP6Address dst_ip6(const Packet& packet) { return IP6Address::read(packet.anno() + kDstIp); }
inline void set_dst_ip6(Packet& packet, const IP6Address& address) { address.write(packet.anno() + kDstIp); }

}  // namespace click::anno

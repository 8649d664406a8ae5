// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/packet.hh>

#include <string_view>

#include "net/ipaddress.hh"

/// Where in a packet's 48 annotation bytes each named annotation lies. Offsets and names are those that Click's
/// documentation gives users (`Paint(ANNO PAINT)`, `Paint(ANNO 20)`), so configurations that name them run unmodified.
namespace click::anno {

inline constexpr size_t kDstIp = 0;   // 4 bytes (16 for IPv6), network byte order
inline constexpr size_t kPaint = 16;  // 1 byte
inline constexpr size_t kIcmpParamProb = 17;
inline constexpr size_t kVlanTci = 18;  // 2 bytes, network byte order
inline constexpr size_t kMiscIp = 20;
inline constexpr size_t kAggregate = 20;  // 4 bytes
inline constexpr size_t kExtraLength = 24;
inline constexpr size_t kExtraPackets = 28;  // 4 bytes
inline constexpr size_t kFixIpSrc = 39;      // where no other one lies: a tag must not ask for a source address
inline constexpr size_t kFwdRate = 40;       // 4 bytes, what an IPRateMonitor tells a Block
inline constexpr size_t kRevRate = 44;       // 4 bytes
inline constexpr size_t kPacketNumber = 40;
inline constexpr size_t kSequenceNumber = 40;

inline IPAddress dst_ip(const Packet& packet) { return IPAddress(packet.anno_u32(kDstIp)); }
inline void set_dst_ip(Packet& packet, IPAddress address) { packet.set_anno_u32(kDstIp, address.network_order()); }

/// The offset that a name (`PAINT`, `DST_IP`) or number stands for, or -1; `size` receives its size in bytes when the
/// name implies one (else it is left alone).
int offset_of(std::string_view name, size_t& size);

}  // namespace click::anno

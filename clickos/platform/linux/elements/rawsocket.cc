// SPDX-License-Identifier: Apache-2.0
/*
=c
RawSocket(TYPE [, PORT, I<keywords>])
=s comm
exchanges IP packets with a raw socket of this machine
=d
IP packets of the input, which is pulled, are sent as they are; those of protocol TYPE (C<TCP>, C<UDP>, C<GRE> or C<ICMP>)
that this machine receives leave by the output as well as they go where they would, with their IP header and destination
annotation set. PORT leaves only those to this TCP or UDP port, with this GRE key, or with this ICMP identifier. The system
sets the checksum of the IP header, its total length, and its identification and source where they are 0. Needs the right to
open raw sockets (CAP_NET_RAW).

Keyword arguments are:
=over 8
=item PORT
Unsigned. Default is none: all packets.
=item SNAPLEN
Unsigned, 20 to 65535. The longest packet; longer ones are cut off. Default is 2048.
=item HEADROOM
Unsigned. How many bytes are left free before the data. Default is 64.
=item PROPER
Boolean. Accepted for older configurations, changes nothing.
=back
=h count read
How many packets were sent.
=h drops read
How many packets could not be sent.
=e
  RawSocket(UDP, 53) -> IPPrint -> Discard;
=a Socket, KernelTun
*/
#include <netinet/in.h>
#include <sys/socket.h>

#include <click/annotations.hh>
#include <click/clock.hh>
#include <click/emitter.hh>

#include <cerrno>
#include <cstring>

#include "net/icmp.hh"
#include "net/transport.hh"
#include "platform/linux/socket_address.hh"
#include "platform/linux/socket_element.hh"

namespace click {

namespace {

constexpr uint8_t kIpProtoGre = 47;

class RawSocket final : public SocketElement {
public:
    const char* class_name() const override { return "RawSocket"; }
    const char* processing() const override { return "l/h"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;

private:
    void ready(int fd, uint32_t events) override;
    void take(PacketBatch& batch) override;
    bool wanted(const Packet& packet, const IpHeader& ip) const;

    uint8_t _protocol = 0;
    uint32_t _port = 0;
    bool _any = true;
};

int RawSocket::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    std::string type;
    bool has_port = false;
    bool proper = false;
    Args args(conf, this, errh);
    args.mandatory("TYPE", type).optional("PORT", _port).given(has_port).keyword("PROPER", proper);
    if (buffer_keywords(args, sizeof(IpHeader)).complete() < 0) {
        return -1;
    }
    constexpr struct {
        std::string_view name;
        uint8_t protocol;
    } kTypes[] = {{"TCP", kIpProtoTcp}, {"UDP", kIpProtoUdp}, {"GRE", kIpProtoGre}, {"ICMP", kIpProtoIcmp}};
    type = capitals(type);
    for (const auto& each : kTypes) {
        if (each.name == type) {
            _protocol = each.protocol;
            _any = !has_port;
            return 0;
        }
    }
    return errh.error("unknown socket type '%s'", type.c_str());
}

int RawSocket::initialize(ErrorHandler& errh) {
    _fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, _protocol);
    int yes = 1;
    if (_fd < 0 || setsockopt(_fd, IPPROTO_IP, IP_HDRINCL, &yes, sizeof yes) != 0) {
        return errh.error("socket: %s", std::strerror(errno));
    }
    if (noutputs() > 0) {
        listen_to(_fd);
    }
    return ninputs() > 0 ? PullElement::initialize(errh) : 0;
}

bool RawSocket::wanted(const Packet& packet, const IpHeader& ip) const {
    size_t header = ip.header_length();
    Segment segment{packet.network_header() + header, packet.network_length() - header};  // as much as was captured
    if (_any) {
        return true;
    }
    if (!ip.first_fragment()) {
        return false;
    }
    if (_protocol == kIpProtoGre) {
        constexpr size_t kKeyEnd = 8;
        uint32_t key = 0;
        if (segment.length < kKeyEnd) {
            return false;
        }
        std::memcpy(&key, segment.data + 4, sizeof key);
        return net32(key) == _port;
    }
    if (_protocol == kIpProtoIcmp) {
        const auto* icmp = segment.header<IcmpEchoHeader>();
        return icmp && net16(icmp->identifier) == _port;
    }
    const auto* ports = segment.header<UdpHeader>();
    return ports && net16(ports->destination) == _port;
}

void RawSocket::ready(int, uint32_t) {
    PacketEmitter emitter(*this, 0);
    for (unsigned i = 0; i < kMostAtOnce; ++i) {
        PacketPtr packet = buffer();
        ssize_t got = packet ? recv(_fd, packet->mutable_data(), _snap_length, MSG_DONTWAIT) : -1;
        if (got < static_cast<ssize_t>(sizeof(IpHeader))) {
            return;
        }
        packet->take(_snap_length - static_cast<uint32_t>(got));
        packet->set_network_header(packet->data(), data_header<IpHeader>(*packet)->header_length());
        const IpHeader* ip = whole_ip_header(*packet);
        if (ip && wanted(*packet, *ip)) {
            packet->set_timestamp(clock::now());
            anno::set_dst_ip(*packet, IPAddress(ip->destination));
            emitter.add(std::move(packet));
        }
    }
}

void RawSocket::take(PacketBatch& batch) {
    for (const Packet* packet : batch) {
        const auto* ip = data_header<IpHeader>(*packet);
        SocketAddress to(ip ? IPAddress(ip->destination) : IPAddress(), 0);
        bool sent = ip && sendto(_fd, packet->data(), packet->length(), MSG_DONTWAIT, to.get(), to.size()) >= 0;
        ++(sent ? _sent : _drops);
    }
    batch.clear();
}

}  // namespace

CLICK_ELEMENT(RawSocket)

}  // namespace click

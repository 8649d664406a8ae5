// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/interface.hh"

#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>

#include <click/errorhandler.hh>

#include <cerrno>
#include <cstring>

#include "net/etheraddress.hh"
#include "net/ipaddress.hh"

namespace click::platform {

namespace {

ifreq request_for(const std::string& name) {
    ifreq request{};
    std::strncpy(request.ifr_name, name.c_str(), sizeof request.ifr_name - 1);
    return request;
}

short interface_flags(int socket, const std::string& name) {
    ifreq request = request_for(name);
    return ioctl(socket, SIOCGIFFLAGS, &request) == 0 ? request.ifr_flags : short{0};
}

}  // namespace

unsigned find_interface(std::string& name) {
    EtherAddress address;
    if (!parse_ether_address(name, address)) {
        return if_nametoindex(name.c_str());
    }
    unsigned found = 0;
    Descriptor socket(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
    struct if_nameindex* interfaces = if_nameindex();
    for (struct if_nameindex* one = interfaces; one && one->if_index != 0 && found == 0; ++one) {
        ifreq request = request_for(one->if_name);
        if (ioctl(socket.get(), SIOCGIFHWADDR, &request) == 0 && request.ifr_hwaddr.sa_family == ARPHRD_ETHER &&
            std::memcmp(request.ifr_hwaddr.sa_data, address.bytes.data(), ETH_ALEN) == 0) {
            found = one->if_index;
            name = one->if_name;
        }
    }
    if_freenameindex(interfaces);
    return found;
}

bool interface_exists(unsigned index) {
    char name[IF_NAMESIZE];
    return if_indextoname(index, name) != nullptr;
}

bool interface_up(const std::string& name) {
    Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    return interface_flags(socket.get(), name) & IFF_UP;
}

bool running(int socket, const std::string& name) {
    constexpr int kRunning = IFF_UP | IFF_RUNNING;
    return (interface_flags(socket, name) & kRunning) == kRunning;
}

uint32_t interface_mtu(int socket, const std::string& name) {
    ifreq request = request_for(name);
    return ioctl(socket, SIOCGIFMTU, &request) == 0 ? static_cast<uint32_t>(request.ifr_mtu) : 0;
}

unsigned receive_queues(int socket, const std::string& name) {
    ethtool_channels channels{};
    channels.cmd = ETHTOOL_GCHANNELS;
    ifreq request = request_for(name);
    request.ifr_data = reinterpret_cast<char*>(&channels);
    bool known = ioctl(socket, SIOCETHTOOL, &request) == 0 && channels.rx_count + channels.combined_count > 0;
    return known ? channels.rx_count + channels.combined_count : 1;
}

int refuse(ErrorHandler& errh, const std::string& name, const char* what) {
    return errh.error("%s: %s: %s", name.c_str(), what, std::strerror(errno));
}

int packet_socket(const std::string& name, ErrorHandler& errh) {
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        refuse(errh, name, "cannot open a packet socket");
    }
    return fd;
}

bool bind_to(int fd, unsigned index, uint16_t protocol) {
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = net16(protocol);
    address.sll_ifindex = static_cast<int>(index);
    return bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

bool make_promiscuous(int fd, unsigned index) {
    packet_mreq promiscuous{};
    promiscuous.mr_ifindex = static_cast<int>(index);
    promiscuous.mr_type = PACKET_MR_PROMISC;
    return set_packet_option(fd, PACKET_ADD_MEMBERSHIP, promiscuous);
}

void grow_buffer(int fd, int option, int forced_option, int size) {
    if (setsockopt(fd, SOL_SOCKET, forced_option, &size, sizeof size) < 0) {
        setsockopt(fd, SOL_SOCKET, option, &size, sizeof size);
    }
}

}  // namespace click::platform

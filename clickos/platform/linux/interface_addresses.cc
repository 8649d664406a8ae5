// SPDX-License-Identifier: Apache-2.0
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string>

#include "platform/platform.hh"

namespace click::platform {

namespace {

bool ask(int socket, unsigned long what, const std::string& name, ifreq& request) {
    request = {};
    std::strncpy(request.ifr_name, name.c_str(), sizeof request.ifr_name - 1);
    return ioctl(socket, what, &request) == 0;
}

IPAddress address_in(const sockaddr& address) {
    sockaddr_in internet;
    std::memcpy(&internet, &address, sizeof internet);
    return IPAddress(internet.sin_addr.s_addr);
}

/// The gateway of the default route over the interface, if there is one.
IPAddress default_gateway(const std::string& name) {
    IPAddress gateway;
    FILE* routes = std::fopen("/proc/net/route", "re");
    char line[256];
    while (routes && std::fgets(line, sizeof line, routes)) {
        char interface[IFNAMSIZ];
        unsigned destination;
        unsigned next;
        if (std::sscanf(line, "%15s %x %x", interface, &destination, &next) == 3 && name == interface &&
            destination == 0 && next != 0) {
            gateway = IPAddress(next);
            break;
        }
    }
    if (routes) {
        std::fclose(routes);
    }
    return gateway;
}

}  // namespace

bool device_addresses(std::string_view text, DeviceAddresses& addresses) {
    std::string name(text);
    if (name.size() >= IFNAMSIZ || if_nametoindex(name.c_str()) == 0) {
        return false;
    }
    int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket < 0) {
        return false;
    }
    ifreq request;
    if (ask(socket, SIOCGIFHWADDR, name, request) && request.ifr_hwaddr.sa_family == ARPHRD_ETHER) {
        addresses.ether = EtherAddress::read(reinterpret_cast<const uint8_t*>(request.ifr_hwaddr.sa_data));
    }
    if (ask(socket, SIOCGIFADDR, name, request)) {
        addresses.ip.address = address_in(request.ifr_addr);
    }
    if (ask(socket, SIOCGIFNETMASK, name, request)) {
        addresses.ip.mask = address_in(request.ifr_netmask);
    }
    close(socket);
    addresses.gateway = default_gateway(name);
    return true;
}

}  // namespace click::platform

// SPDX-License-Identifier: Apache-2.0
#include "platform/linux_guest/interfaces.hh"

#include <dirent.h>
#include <linux/if.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "lang/confparse.hh"
#include "platform/linux/poller.hh"
#include "platform/linux_guest/system.hh"
#include "platform/platform.hh"
#include "platform/xen_control/log.hh"
#include "platform/xen_control/xenstore.hh"

namespace click::interfaces {

namespace {

constexpr int64_t kPatience = 30'000'000'000;  ///< nanoseconds

struct Arrivals final : poller::Watcher {
    void ready(int fd, uint32_t events) override;
};

constinit int netlink = -1;
constinit Arrivals arrivals;

/// What the kernel calls an interface of that number; empty while it has none.
std::string kernel_name(const std::string& number) {
    std::string name;
    if (DIR* folder = opendir(("/sys/bus/xen/devices/vif-" + number + "/net").c_str())) {
        while (const dirent* entry = readdir(folder)) {
            if (entry->d_name[0] != '.') {
                name = entry->d_name;
            }
        }
        closedir(folder);
    }
    return name;
}

bool set_name(const std::string& name, ifreq& request, unsigned long what) {
    std::memset(request.ifr_name, 0, sizeof request.ifr_name);
    std::memcpy(request.ifr_name, name.data(), std::min(name.size(), sizeof request.ifr_name - 1));
    return ioctl(netlink, what, &request) == 0;
}

void rename(const std::string& name, const std::string& wanted) {
    ifreq request{};
    std::memcpy(request.ifr_newname, wanted.data(), std::min(wanted.size(), sizeof request.ifr_newname - 1));
    set_name(name, request, SIOCSIFNAME);
}

/// Gives an interface a second name.
void add_name(const std::string& name, const std::string& second) {
    ifreq request{};
    if (!set_name(name, request, SIOCGIFINDEX)) {
        return;
    }
    struct {
        nlmsghdr header;
        ifinfomsg interface;
        char attributes[64];
    } message{};
    message.header.nlmsg_type = RTM_NEWLINKPROP;
    message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND;
    message.interface.ifi_index = request.ifr_ifindex;
    nlattr inner{static_cast<uint16_t>(NLA_HDRLEN + second.size() + 1), IFLA_ALT_IFNAME};
    nlattr outer{static_cast<uint16_t>(NLA_HDRLEN + NLA_ALIGN(inner.nla_len)), NLA_F_NESTED | IFLA_PROP_LIST};
    std::memcpy(message.attributes, &outer, sizeof outer);
    std::memcpy(message.attributes + NLA_HDRLEN, &inner, sizeof inner);
    std::memcpy(message.attributes + size_t{2} * NLA_HDRLEN, second.c_str(), second.size() + 1);
    message.header.nlmsg_len = static_cast<uint32_t>(NLMSG_LENGTH(sizeof(ifinfomsg)) + outer.nla_len);
    send(netlink, &message, message.header.nlmsg_len, 0);
}

bool is_up(const std::string& name) {
    ifreq request{};
    return set_name(name, request, SIOCGIFFLAGS) && (request.ifr_flags & IFF_UP);
}

/// Brings an interface up on which the kernel neither asks nor answers.
void bring_up(const std::string& name) {
    ifreq request{};
    request.ifr_flags = IFF_UP | IFF_NOARP;
    if (!set_name(name, request, SIOCSIFFLAGS)) {
        xen::log(xen::LogLevel::Error, "cannot bring " + name + " up\n");
    }
}

/// Names the interfaces by their numbers and brings them up, as far as they are there. Whether all are.
bool settle() {
    std::vector<std::string> numbers;
    if (!xen::xenstore::list("device/vif", numbers)) {
        return xen::xenstore::error() == "ENOENT";
    }
    // The kernel numbers interfaces in the order in which they come, so that a name may be another's.
    for (const std::string& number : numbers) {
        std::string name = kernel_name(number);
        if (!name.empty() && name != "eth" + number) {
            rename(name, "vif" + number);
        }
    }
    bool all = true;
    for (const std::string& number : numbers) {
        std::string name = kernel_name(number);
        all = all && !name.empty();
        if (!name.empty() && !is_up(name)) {
            rename(name, "eth" + number);
            add_name("eth" + number, number);
            bring_up("eth" + number);
        }
    }
    return all;
}

/// Reads what netlink has to say: that something has changed is enough.
void forget_messages() {
    char message[4096];
    while (recv(netlink, message, sizeof message, MSG_DONTWAIT) > 0) {
    }
}

void Arrivals::ready(int, uint32_t) {
    forget_messages();
    settle();
}

}  // namespace

void start() {
    // Interfaces of either protocol have no address and get none.
    system::set("net/ipv6/conf/all/disable_ipv6", "1");
    system::set("net/ipv6/conf/default/disable_ipv6", "1");
    netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = RTMGRP_LINK;
    if (netlink < 0 || bind(netlink, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0 ||
        !poller::watch(netlink, poller::kReadable, arrivals)) {
        platform::panic("cannot listen for interfaces");
    }
}

void await() {
    constexpr int64_t kMillisecond = 1'000'000;
    int64_t deadline = platform::monotonic_clock() + kPatience;
    while (!settle()) {
        int64_t left = deadline - platform::monotonic_clock();
        pollfd waiting{netlink, POLLIN, 0};
        if (left <= 0 || poll(&waiting, 1, static_cast<int>(left / kMillisecond) + 1) <= 0) {
            xen::log(xen::LogLevel::Error, "an interface of the domain does not come; going on without it\n");
            return;
        }
        forget_messages();
    }
}

}  // namespace click::interfaces

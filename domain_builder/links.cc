// SPDX-License-Identifier: Apache-2.0
#include "links.hh"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "failure.hh"

namespace {

int open_socket(unsigned groups) {
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    sockaddr_nl address{.nl_family = AF_NETLINK, .nl_pad = 0, .nl_pid = 0, .nl_groups = groups};
    if (fd < 0 || bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw Failure("open a netlink socket");
    }
    return fd;
}

/// Messages of rtnetlink, one after the other.
class Writer {
public:
    void begin(unsigned index, unsigned flags) {
        _start = _bytes.size();
        nlmsghdr head{.nlmsg_len = 0,
                      .nlmsg_type = RTM_NEWLINK,
                      .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
                      .nlmsg_seq = 0,
                      .nlmsg_pid = 0};
        ifinfomsg link{};
        link.ifi_index = static_cast<int>(index);
        link.ifi_flags = flags;
        link.ifi_change = flags;
        append(&head, sizeof head);
        append(&link, sizeof link);
    }

    void end() { set_length<uint32_t>(_start); }

    void attribute(uint16_t type, const void* value, size_t size) {
        size_t at = open(type);
        append(value, size);
        close(at);
    }

    size_t open(uint16_t type) {
        size_t at = _bytes.size();
        rtattr head{.rta_len = 0, .rta_type = type};
        append(&head, sizeof head);
        return at;
    }

    void close(size_t at) {
        set_length<uint16_t>(at);
        _bytes.resize((_bytes.size() + NLMSG_ALIGNTO - 1) / NLMSG_ALIGNTO * NLMSG_ALIGNTO);
    }

    const std::vector<char>& bytes() const { return _bytes; }

private:
    void append(const void* value, size_t size) {
        const char* first = static_cast<const char*>(value);
        _bytes.insert(_bytes.end(), first, first + size);
    }

    /// Both kinds of header begin with the length.
    template <typename Length>
    void set_length(size_t at) {
        auto length = static_cast<Length>(_bytes.size() - at);
        memcpy(&_bytes[at], &length, sizeof length);
    }

    std::vector<char> _bytes;
    size_t _start = 0;
};

}  // namespace

Links::Links()
    : _changes(open_socket(RTMGRP_LINK)), _requests(open_socket(0)), _ipv6(access("/proc/net/if_inet6", F_OK) == 0) {}

Links::~Links() {
    close(_changes);
    close(_requests);
}

void Links::drain() const {
    std::array<char, 16384> ignored;
    // What has changed is looked up by name, so that nothing is lost when the socket overflows (ENOBUFS).
    while (recv(_changes, ignored.data(), ignored.size(), MSG_DONTWAIT) >= 0 || errno == ENOBUFS || errno == EINTR) {
    }
}

unsigned Links::find(const std::string& name) { return if_nametoindex(name.c_str()); }

bool Links::exists(unsigned index) {
    std::array<char, IF_NAMESIZE> name;
    return if_indextoname(index, name.data()) != nullptr;
}

void Links::bring_up(unsigned index, const std::string& name) {
    Writer messages;
    messages.begin(index, 0);
    messages.attribute(IFLA_IFNAME, name.c_str(), name.size() + 1);
    if (_ipv6) {
        // dom0 itself has no business on it: no address, not even a link-local one. It has to be so before it is up.
        size_t families = messages.open(IFLA_AF_SPEC);
        size_t inet6 = messages.open(AF_INET6);
        uint8_t none = IN6_ADDR_GEN_MODE_NONE;
        messages.attribute(IFLA_INET6_ADDR_GEN_MODE, &none, sizeof none);
        messages.close(inet6);
        messages.close(families);
    }
    messages.end();
    messages.begin(index, IFF_UP);
    messages.end();
    request(messages.bytes(), 2, "bring up " + name);
}

void Links::request(const std::vector<char>& bytes, int acknowledgements, const std::string& intent) const {
    if (send(_requests, bytes.data(), bytes.size(), 0) < 0) {
        throw Failure(intent);
    }
    int error = 0;
    while (acknowledgements > 0) {
        alignas(nlmsghdr) std::array<char, 8192> answer;
        ssize_t size = recv(_requests, answer.data(), answer.size(), 0);
        if (size < 0) {
            throw Failure(intent);
        }
        auto left = static_cast<unsigned>(size);
        for (auto* head = reinterpret_cast<const nlmsghdr*>(answer.data()); NLMSG_OK(head, left);
             head = NLMSG_NEXT(head, left)) {
            if (head->nlmsg_type == NLMSG_ERROR) {
                int refused = -static_cast<const nlmsgerr*>(NLMSG_DATA(head))->error;
                error = error != 0 ? error : refused;
                acknowledgements--;
            }
        }
    }
    if (error != 0) {
        throw Failure(intent, error);
    }
}

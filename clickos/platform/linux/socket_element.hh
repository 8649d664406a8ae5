// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <unistd.h>

#include <click/pullelement.hh>

#include <utility>

#include "platform/linux/poller.hh"
#include "platform/platform.hh"

namespace click {

/// Base of elements that send what they pull through a socket of the system, and push what comes from there.
class SocketElement : public PullElement, protected poller::Watcher {
public:
    const char* port_count() const override { return "0-1/0-1"; }
    const char* flow_code() const override { return "x/y"; }
    void cleanup() override { close_socket(_fd); }
    void add_handlers() override {
        add_data_handler("count", _sent);
        add_data_handler("drops", _drops);
    }

protected:
    static constexpr uint32_t kUsualLength = 2048;
    static constexpr uint32_t kMostLength = 65535;
    static constexpr uint32_t kMostHeadroom = 1024;
    static constexpr unsigned kMostAtOnce = 32;

    /// Types are written in capitals or not.
    static std::string capitals(std::string word) {
        for (char& c : word) {
            c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        }
        return word;
    }
    Args& buffer_keywords(Args& args, uint32_t least) {
        return args.keyword("SNAPLEN", bounded(_snap_length, least, kMostLength), kUsualLength)
            .keyword("HEADROOM", bounded(_headroom, 0, kMostHeadroom), Packet::kDefaultHeadroom);
    }
    /// Room for what is received; null when memory is exhausted.
    PacketPtr buffer() const { return Packet::make(_headroom, nullptr, _snap_length, Packet::kMinTailroom); }
    void listen_to(int fd) {
        if (!poller::watch(fd, poller::kReadable, *this)) {
            platform::panic("cannot wait for a socket");
        }
    }
    static void close_socket(int& fd) {
        if (fd >= 0) {
            poller::unwatch(fd);
            close(std::exchange(fd, -1));
        }
    }

    uint32_t _snap_length = kUsualLength;
    uint32_t _headroom = Packet::kDefaultHeadroom;
    int _fd = -1;  ///< what packets go through
    Tally _sent;
    Tally _drops;
};

}  // namespace click

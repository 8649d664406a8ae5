// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <string>

#include "net/ipaddress.hh"

namespace click {

/// An IPv4 address with a port, or the path of a UNIX-domain socket, as system calls take it.
class SocketAddress {
public:
    SocketAddress() { std::memset(&_storage, 0, sizeof _storage); }
    SocketAddress(IPAddress address, uint16_t port) : SocketAddress() {
        _storage.ip.sin_family = AF_INET;
        _storage.ip.sin_addr.s_addr = address.network_order();
        _storage.ip.sin_port = net16(port);
        _size = sizeof _storage.ip;
    }
    /// The path must be shorter than kLongestPath.
    explicit SocketAddress(const std::string& path) : SocketAddress() {
        _storage.local.sun_family = AF_UNIX;
        std::memcpy(_storage.local.sun_path, path.data(), path.size());
        _size = sizeof _storage.local;
    }
    static constexpr size_t kLongestPath = sizeof(sockaddr_un::sun_path);

    const sockaddr* get() const { return &_storage.generic; }
    socklen_t size() const { return _size; }
    /// To be filled in by a system call.
    sockaddr* fill(socklen_t*& size) {
        _size = sizeof _storage;
        size = &_size;
        return &_storage.generic;
    }
    bool known() const { return _size > sizeof(sa_family_t); }
    bool is_ip() const { return _storage.generic.sa_family == AF_INET; }
    IPAddress ip() const { return is_ip() ? IPAddress(_storage.ip.sin_addr.s_addr) : IPAddress(); }
    uint16_t port() const { return is_ip() ? net16(_storage.ip.sin_port) : 0; }
    std::string path() const { return is_ip() ? std::string() : std::string(_storage.local.sun_path); }
    std::string unparse() const {
        return is_ip() ? ip().unparse() + "." + std::to_string(port()) : path().empty() ? "a local program" : path();
    }

private:
    union {
        sockaddr generic;
        sockaddr_in ip;
        sockaddr_un local;
    } _storage;
    socklen_t _size = 0;
};

}  // namespace click

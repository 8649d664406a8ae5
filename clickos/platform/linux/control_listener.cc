// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/control_listener.hh"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "lang/confparse.hh"
#include "net/ipaddress.hh"

namespace click {

int ControlListener::configure(std::string_view type, const std::string& address, bool localhost, ErrorHandler& errh) {
    std::string kind;
    for (char c : type) {
        kind += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    _localhost = localhost;
    if (kind == "UNIX") {
        _type = Type::Unix;
        _path = address;
        if (_path.empty() || _path.size() >= sizeof(sockaddr_un::sun_path)) {
            return errh.error("filename %s", _path.empty() ? "missing" : "too long");
        }
        return 0;
    }
    if (kind != "TCP" && kind != "SOCKET") {
        return errh.error("unknown socket type '%.*s'", static_cast<int>(type.size()), type.data());
    }
    _type = kind == "TCP" ? Type::Tcp : Type::Connection;
    std::string_view digits = address;
    if (_type == Type::Tcp && digits.ends_with('+')) {
        _any_port = true;
        digits.remove_suffix(1);
    }
    uint64_t number;
    if (!parse_unsigned(digits, number) || number > kMostPort) {
        return errh.error(_type == Type::Tcp ? "bad TCP port '%s'" : "bad file descriptor '%s'", address.c_str());
    }
    _port = static_cast<int>(number);
    return 0;
}

bool ControlListener::open(bool& in_use, std::string& cause) {
    constexpr int kBacklog = 8;
    if (_type == Type::Connection) {
        return true;
    }
    bool local = _type == Type::Unix;
    _descriptor = socket(local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const char* step = "socket";
    if (_descriptor >= 0 && (local ? bind_unix() : bind_tcp())) {
        if (::listen(_descriptor, kBacklog) == 0) {
            return true;
        }
        step = "listen";
    } else if (_descriptor >= 0) {
        step = "bind";
    }
    in_use = errno == EADDRINUSE;
    cause = std::string(step) + ": " + std::strerror(errno);
    if (_descriptor >= 0) {
        ::close(_descriptor);
        _descriptor = -1;
    }
    return false;
}

bool ControlListener::bind_unix() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, _path.data(), _path.size());
    auto* generic = reinterpret_cast<const sockaddr*>(&address);
    if (bind(_descriptor, generic, sizeof address) == 0) {
        return true;
    }
    if (errno != EADDRINUSE) {
        return false;
    }
    // A socket that nobody listens on any more was left behind by a program that was killed.
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool stale = probe >= 0 && connect(probe, generic, sizeof address) < 0 && errno == ECONNREFUSED;
    if (probe >= 0) {
        ::close(probe);
    }
    struct stat status;
    stale = stale && lstat(_path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
    if (stale && unlink(_path.c_str()) == 0) {
        return bind(_descriptor, generic, sizeof address) == 0;
    }
    errno = EADDRINUSE;
    return false;
}

bool ControlListener::bind_tcp() {
    int yes = 1;
    setsockopt(_descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    for (int port = _port; port <= kMostPort; ++port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = net16(static_cast<uint16_t>(port));
        address.sin_addr.s_addr = net32(_localhost ? INADDR_LOOPBACK : INADDR_ANY);
        if (bind(_descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
            socklen_t size = sizeof address;
            getsockname(_descriptor, reinterpret_cast<sockaddr*>(&address), &size);
            _bound_port = net16(address.sin_port);
            return true;
        }
        if (!_any_port || errno != EADDRINUSE) {
            return false;
        }
    }
    return false;
}

void ControlListener::take(ControlListener& other) {
    _bound_port = other._bound_port;
    _descriptor = std::exchange(other._descriptor, -1);
}

void ControlListener::close() {
    if (_descriptor >= 0) {
        ::close(_descriptor);
        _descriptor = -1;
        if (_type == Type::Unix) {
            unlink(_path.c_str());
        }
    }
}

}  // namespace click

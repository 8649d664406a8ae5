// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/element.hh>

#include <cstdint>
#include <string>
#include <string_view>

namespace click {

/// Where control connections come from: a TCP port, the path of a UNIX-domain socket, or one connection that whoever
/// started the program has opened.
class ControlListener {
public:
    ControlListener() = default;
    ControlListener(const ControlListener&) = delete;
    ControlListener& operator=(const ControlListener&) = delete;
    ~ControlListener() { close(); }

    /// Takes TYPE and ADDRESS. Negative after a report.
    int configure(std::string_view type, const std::string& address, bool localhost, ErrorHandler& errh);
    /// Listens; or says why not, and by `in_use` whether it may work later.
    bool open(bool& in_use, std::string& cause);
    /// Takes over the socket of another one with the same address.
    void take(ControlListener& other);
    /// Stops listening and leaves nothing behind.
    void close();

    bool same_address(const ControlListener& other) const {
        return _type == other._type && _path == other._path && _port == other._port && _any_port == other._any_port &&
               _localhost == other._localhost;
    }
    /// The socket to accept connections from, or -1.
    int descriptor() const { return _descriptor; }
    /// The connection that is open already, or -1.
    int connection() const { return _type == Type::Connection ? _port : -1; }
    bool local() const { return _type != Type::Tcp; }
    uint16_t port() const { return _bound_port; }

private:
    enum class Type : uint8_t { Tcp, Unix, Connection };
    static constexpr int kMostPort = 65535;

    bool bind_unix();
    bool bind_tcp();

    Type _type = Type::Tcp;
    std::string _path;
    int _port = 0;  ///< or the descriptor of the connection
    bool _any_port = false;
    bool _localhost = false;
    uint16_t _bound_port = 0;
    int _descriptor = -1;
};

}  // namespace click

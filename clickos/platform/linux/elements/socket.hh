// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "platform/linux/socket_address.hh"
#include "platform/linux/socket_element.hh"

namespace click {

/// Socket, and what differs from it in who is a client.
class Socket : public SocketElement {
public:
    const char* class_name() const override { return "Socket"; }
    const char* processing() const override { return "a/h"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void take_state(Element& old, ErrorHandler& errh) override;
    void cleanup() override;
    void add_handlers() override;
    void push(int, PacketBatch& batch) override { take(batch); }

protected:
    /// Whether it is a client, where CLIENT does not say.
    virtual bool is_client(bool has_own_address) const { return has_own_address || noutputs() == 0; }

private:
    int open(ErrorHandler& errh);
    int fail(const char* step, ErrorHandler& errh);
    bool bind_to(const SocketAddress& address);
    bool goes_on_from(const Socket& old) const { return config() == old.config(); }
    void ready(int fd, uint32_t events) override;
    void accept_connection();
    void receive();
    bool admits(const SocketAddress& peer);
    bool has_route(const std::string& table, IPAddress address);
    void take(PacketBatch& batch) override;
    void send(const Packet& packet);
    void send_rest();
    void wait_for_room();
    void disconnect();
    void report(const char* what);
    std::string port() const;

    bool _local = false;
    bool _stream = false;
    bool _client = false;
    SocketAddress _address;
    SocketAddress _own;
    std::string _allow;
    std::string _deny;
    bool _timestamp = true;
    bool _no_delay = true;
    bool _verbose = false;

    int _listener = -1;  ///< of a server that takes connections
    SocketAddress _peer;
    std::string _rest;  ///< of the last packet, which a stream had no room for
    std::string _bound_path;
};

}  // namespace click

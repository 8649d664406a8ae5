// SPDX-License-Identifier: Apache-2.0
/*
=c
Socket(TYPE, ADDRESS [, I<arguments and keywords>])
=s comm
exchanges packets with another program through a socket
=d
Packets of the input are sent through a socket, and what comes from it leaves by the output. Packets do not pass from one to
the other. The forms are:

C<Socket(TCP, IP, PORT [, LOCALIP, LOCALPORT])>, C<Socket(UDP, IP, PORT [, LOCALIP, LOCALPORT])>,
C<Socket(UNIX, FILENAME [, LOCALFILENAME])>, C<Socket(UNIX_DGRAM, FILENAME [, LOCALFILENAME])>.

A server is bound to the address; with TCP and UNIX it takes one connection at a time, with UDP and UNIX_DGRAM it answers to
whoever sent the last packet. A client goes to the address when the router starts, from the local address if one is given;
with UDP and IP 0.0.0.0, each packet goes to its destination IP annotation. The element is a client if it has no output or a
local address, unless CLIENT says otherwise. A stream has no borders of packets: what is there at once is a packet.

What a stream cannot take at once waits, and while it does, a pull input is not pulled and pushed packets are dropped.

Keyword arguments are:
=over 8
=item CLIENT
Boolean. Whether the element is a client.
=item SNAPLEN
Unsigned, up to 65535. The longest packet; longer ones are cut off. Default is 2048.
=item HEADROOM
Unsigned. How many bytes are left free before the data. Default is 64.
=item TIMESTAMP
Boolean. Whether packets are stamped with the time at which they come. Default is true.
=item NODELAY
Boolean. Whether TCP sends small packets at once. Default is true.
=item ALLOW
The name of an element that looks up IP routes. Peers that it has a route for are served. Default is none: all are.
=item DENY
The same. Peers that it has a route for are not served, unless ALLOW has one.
=item VERBOSE
Boolean. Whether connections are reported to the error log. Default is false.
=item PROPER
Boolean. Accepted for older configurations, changes nothing.
=back
=h count read
How many packets were sent.
=h drops read
How many packets could not be sent.
=h port read
The port that the socket has, which the system chose if none was given; 0 before it has one.
=e
  Socket(UDP, 0.0.0.0, 47777) -> Print(came) -> Discard;
  InfiniteSource(DATA hello, LIMIT 1) -> Socket(UDP, 127.0.0.1, 47777);
=a FromSocket, ToSocket, RawSocket, ControlSocket, KernelTun
*/
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <click/annotations.hh>
#include <click/clock.hh>
#include <click/emitter.hh>
#include <click/router.hh>

#include <cerrno>
#include <cstring>
#include <utility>

#include "platform/linux/elements/socket.hh"

#include "lang/confparse.hh"

namespace click {

int Socket::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    std::string type;
    Args args(conf, this, errh);
    args.mandatory("TYPE", type);
    std::string word = capitals(conf.empty() ? std::string() : unquote(conf[0]));
    _local = word == "UNIX" || word == "UNIX_DGRAM";
    _stream = word == "TCP" || word == "UNIX";
    if (!_local && !_stream && word != "UDP") {
        return errh.error("unknown socket type '%s'", word.c_str());
    }
    IPAddress ip;
    IPAddress own_ip;
    uint16_t number = 0;
    uint16_t own_number = 0;
    std::string path;
    std::string own_path;
    bool has_own = false;
    bool has_client = false;
    bool proper = false;
    if (_local) {
        args.mandatory("FILENAME", path).optional("LOCALFILENAME", own_path).given(has_own);
    } else {
        args.mandatory("IP", ip).mandatory("PORT", number).optional("LOCALIP", own_ip).given(has_own);
        args.optional("LOCALPORT", own_number);
    }
    if (buffer_keywords(args, 1)
            .keyword("CLIENT", _client)
            .given(has_client)
            .keyword("TIMESTAMP", _timestamp, true)
            .keyword("NODELAY", _no_delay, true)
            .keyword("ALLOW", _allow, {})
            .keyword("DENY", _deny, {})
            .keyword("VERBOSE", _verbose, false)
            .keyword("PROPER", proper)
            .complete() < 0) {
        return -1;
    }
    if (path.size() >= SocketAddress::kLongestPath || own_path.size() >= SocketAddress::kLongestPath) {
        return errh.error("filename too long");
    }
    _address = _local ? SocketAddress(path) : SocketAddress(ip, number);
    _own = !has_own ? SocketAddress() : _local ? SocketAddress(own_path) : SocketAddress(own_ip, own_number);
    _client = has_client ? _client : is_client(has_own);
    return 0;
}

int Socket::initialize(ErrorHandler& errh) {
    for (const std::string* table : {&_allow, &_deny}) {
        if (!table->empty() && !router().find_handler(*table + ".lookup", this)) {
            return errh.error("%s: does not look up IP routes", table->c_str());
        }
    }
    if (ninputs() > 0) {
        PullElement::initialize(errh);
    }
    Router* replaced = router().replaced();
    Element* old = replaced ? replaced->find(name()) : nullptr;
    if (old && std::string_view(old->class_name()) == class_name() && goes_on_from(static_cast<const Socket&>(*old))) {
        return 0;  // take_state brings the socket
    }
    return open(errh);
}

int Socket::fail(const char* step, ErrorHandler& errh) { return errh.error("%s: %s", step, std::strerror(errno)); }

bool Socket::bind_to(const SocketAddress& address) {
    struct stat status;
    std::string path = address.path();
    if (!path.empty() && lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) {
        unlink(path.c_str());  // what a program left that is no more; one that runs loses it
    }
    if (bind(_fd, address.get(), address.size()) != 0) {
        return false;
    }
    _bound_path = path;
    return true;
}

int Socket::open(ErrorHandler& errh) {
    _fd = socket(_local ? AF_UNIX : AF_INET, (_stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
    if (_fd < 0) {
        return fail("socket", errh);
    }
    int yes = 1;
    if (_stream && !_local) {
        setsockopt(_fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        if (_no_delay) {
            setsockopt(_fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        }
    }
    if (_client) {
        if (_own.known() && !bind_to(_own)) {
            return fail("bind", errh);
        }
        bool annotated = !_stream && !_local && !_address.ip();
        if (!annotated && connect(_fd, _address.get(), _address.size()) != 0) {
            return fail("connect", errh);
        }
        _peer = annotated ? SocketAddress() : _address;
        report("opened");
        listen_to(_fd);
        return 0;
    }
    if (!bind_to(_address)) {
        return fail("bind", errh);
    }
    if (_stream) {
        if (listen(_fd, 1) != 0) {
            return fail("listen", errh);
        }
        _listener = std::exchange(_fd, -1);
        listen_to(_listener);
    } else {
        listen_to(_fd);
    }
    return 0;
}

void Socket::take_state(Element& old, ErrorHandler&) {
    auto& other = static_cast<Socket&>(old);
    if (!goes_on_from(other)) {
        return;
    }
    _listener = std::exchange(other._listener, -1);
    _fd = std::exchange(other._fd, -1);
    _peer = other._peer;
    _rest = std::move(other._rest);
    _bound_path = std::exchange(other._bound_path, {});
    _sent = other._sent;
    _drops = other._drops;
    if (_fd >= 0) {
        listen_to(_fd);
        wait_for_room();
    } else if (_listener >= 0) {
        listen_to(_listener);
    }
}

void Socket::cleanup() {
    close_socket(_fd);
    close_socket(_listener);
    if (!_bound_path.empty()) {
        unlink(_bound_path.c_str());
    }
}

void Socket::ready(int fd, uint32_t events) {
    if (fd == _listener) {
        accept_connection();
        return;
    }
    if ((events & poller::kWritable) != 0) {
        send_rest();
    }
    if ((events & poller::kReadable) != 0 && _fd >= 0) {
        receive();
    }
}

void Socket::accept_connection() {
    SocketAddress peer;
    socklen_t* size = nullptr;
    sockaddr* place = peer.fill(size);
    int fd = accept4(_listener, place, size, SOCK_CLOEXEC);
    if (fd < 0) {
        return;  // the client has gone already, or comes again
    }
    if (!admits(peer)) {
        close(fd);
        return;
    }
    _fd = fd;
    _peer = peer;
    int yes = 1;
    if (!_local && _no_delay) {
        setsockopt(_fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    }
    report("opened");
    poller::unwatch(_listener);  // one at a time
    listen_to(_fd);
}

bool Socket::has_route(const std::string& table, IPAddress address) {
    LogErrorHandler errh;
    std::string answer = router().read(router().find_handler(table + ".lookup", this), address.unparse(), errh);
    return !answer.empty() && answer[0] != '-';
}

bool Socket::admits(const SocketAddress& peer) {
    if (!peer.is_ip() || (_allow.empty() && _deny.empty())) {
        return true;
    }
    if (!_allow.empty() && has_route(_allow, peer.ip())) {
        return true;
    }
    return _deny.empty() ? false : !has_route(_deny, peer.ip());
}

void Socket::receive() {
    PacketEmitter emitter(*this, 0);
    for (unsigned i = 0; i < kMostAtOnce; ++i) {
        PacketPtr packet = buffer();
        if (!packet) {
            return;
        }
        SocketAddress peer;
        socklen_t* size = nullptr;
        sockaddr* place = peer.fill(size);
        ssize_t got = recvfrom(_fd, packet->mutable_data(), _snap_length, MSG_DONTWAIT, place, size);
        if (got < 0 && (errno == EAGAIN || errno == EINTR || !_stream)) {
            return;  // a datagram that did not arrive is no reason to stop
        }
        if (got < 0 || (got == 0 && _stream)) {
            disconnect();
            return;
        }
        if (!_stream && !admits(peer)) {
            continue;
        }
        if (!_stream && !_client) {
            _peer = peer;
        }
        packet->take(_snap_length - static_cast<uint32_t>(got));
        if (_timestamp) {
            packet->set_timestamp(clock::now());
        }
        emitter.add(std::move(packet));
    }
}

void Socket::take(PacketBatch& batch) {
    for (const Packet* packet : batch) {
        send(*packet);
    }
    batch.clear();
}

void Socket::send(const Packet& packet) {
    bool annotated = _client && !_peer.known();
    SocketAddress to = annotated ? SocketAddress(anno::dst_ip(packet), _address.port()) : _peer;
    if (_fd < 0 || !_rest.empty() || (!_stream && !to.known())) {
        ++_drops;
        return;
    }
    bool addressed = !_stream && (annotated || !_client);
    ssize_t sent = sendto(_fd, packet.data(), packet.length(), MSG_DONTWAIT | MSG_NOSIGNAL,
                          addressed ? to.get() : nullptr, addressed ? to.size() : 0);
    bool full = sent < 0 && errno == EAGAIN;
    if (sent < 0 && (!full || !_stream)) {
        ++_drops;
        if (_stream) {
            disconnect();
        }
        return;
    }
    ++_sent;
    auto done = static_cast<uint32_t>(full ? 0 : sent);
    if (done < packet.length()) {
        _rest.assign(reinterpret_cast<const char*>(packet.data()) + done, packet.length() - done);
        wait_for_room();
    }
}

void Socket::send_rest() {
    ssize_t sent = ::send(_fd, _rest.data(), _rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        disconnect();
        return;
    }
    _rest.erase(0, sent > 0 ? static_cast<size_t>(sent) : 0);
    wait_for_room();
}

/// Takes packets again when the rest of the last one has gone.
void Socket::wait_for_room() {
    _active = _rest.empty();
    poller::watch(_fd, poller::kReadable | (_active ? 0 : poller::kWritable), *this);
    if (_active && ninputs() > 0) {
        start();
    }
}

void Socket::disconnect() {
    report("closed");
    close_socket(_fd);
    _rest.clear();
    _active = true;
    if (_listener >= 0) {
        listen_to(_listener);
    }
}

void Socket::report(const char* what) {
    if (_verbose) {
        platform::log(declaration() + ": " + what + " connection with " + _peer.unparse() + "\n");
    }
}

std::string Socket::port() const {
    SocketAddress own;
    socklen_t* size = nullptr;
    sockaddr* place = own.fill(size);
    int fd = _fd >= 0 ? _fd : _listener;
    return std::to_string(fd >= 0 && getsockname(fd, place, size) == 0 ? own.port() : 0);
}

void Socket::add_handlers() {
    SocketElement::add_handlers();
    add_read_handler<&Socket::port>("port");
}

CLICK_ELEMENT(Socket)

}  // namespace click

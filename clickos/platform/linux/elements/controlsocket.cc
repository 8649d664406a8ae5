// SPDX-License-Identifier: Apache-2.0
/*
=c
ControlSocket(TYPE, ADDRESS [, I<keywords>])
=s control
opens a socket through which other programs call handlers
=d
Listens on TCP port ADDRESS (TYPE C<TCP>) or on the UNIX-domain socket at path ADDRESS (TYPE C<UNIX>), or speaks to the
client at the other end of the file descriptor ADDRESS (TYPE C<SOCKET>). A TCP port that ends in C<+> stands for the first
free one from there on. A client gets the line C<Click::ControlSocket/1.3> and then sends
commands, one a line (ended by CR, LF or CRLF) of words separated by spaces:

=over 8
=item READ HANDLER [ARG...]
Reads a handler. The answer is followed by a line C<DATA N> and N bytes.
=item READDATA HANDLER N
Reads a handler; its argument is the N bytes behind the line.
=item READUNTIL HANDLER TERM
Reads a handler; its argument is the lines that follow, up to a line TERM.
=item WRITE HANDLER [ARG...]
Writes a handler. C<WRITEDATA HANDLER N> and C<WRITEUNTIL HANDLER TERM> give the value as above.
=item CHECKREAD HANDLER
Says whether a read handler exists; C<CHECKWRITE HANDLER> whether a write handler does.
=item HELP [COMMAND]
Shows the commands.
=item QUIT
Ends the conversation.
=back

Each answer is lines of text, ended by CRLF, that begin with a code and a hyphen, the last one with the code and a space:
200 means done, 220 done with messages, 500 a syntax error, 501 an unknown command, 510 no such element, 511 no such
handler, 520 that the handler failed, 530 that it cannot be read or written, 590 an error that the handler reports.

A new configuration with a ControlSocket of the same name, TYPE and ADDRESS keeps the socket and its conversations.

Keyword arguments are:
=over 8
=item READONLY
Boolean. Whether write handlers are refused. Default is false.
=item LOCALHOST
Boolean. Whether a TCP socket listens on 127.0.0.1 only. Default is false.
=item RETRIES
Integer. How often it is tried again, a second later, when the address is in use. Default is 0.
=item RETRY_WARNINGS
Boolean. Whether each of these is warned of. Default is true.
=item VERBOSE
Boolean. Whether connections are reported to the error log. Default is false.
=item PROXY
Refused: there is no kernel driver to speak to.
=back
=h port read
The TCP port, if it is one.
=e
  ControlSocket(TCP, 7777, LOCALHOST true);
=a Script, DriverManager
*/
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <click/element.hh>
#include <click/router.hh>

#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <string>

#include "lib/format.hh"
#include "net/ipaddress.hh"
#include "platform/linux/control_listener.hh"
#include "platform/linux/control_session.hh"
#include "platform/linux/poller.hh"
#include "platform/platform.hh"

namespace click {

namespace {

class ControlSocket final : public Element, private poller::Watcher {
public:
    const char* class_name() const override { return "ControlSocket"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void take_state(Element& old, ErrorHandler& errh) override;
    void cleanup() override;
    void add_handlers() override;
    bool run_task() override;
    void run_timer() override;

private:
    static constexpr size_t kMostConnections = 256;
    static constexpr int64_t kRetryAfter = 1'000'000'000;

    struct Connection {
        ControlSession session;
        std::string peer;
    };

    /// Waits for connections, or speaks to the one that there is.
    void begin();
    void ready(int fd, uint32_t events) override;
    void accept_connection();
    void add_connection(int fd, std::string peer);
    void serve(int fd);
    bool receive(int fd, ControlSession& session);
    bool send(int fd, ControlSession& session);
    void close_connection(int fd);
    void report(const char* what, const Connection& connection);
    std::string port() const { return _listener.port() ? std::to_string(_listener.port()) : std::string(); }

    ControlListener _listener;
    bool _read_only = false;
    bool _verbose = false;
    bool _retry_warnings = true;
    int _retries = 0;
    std::map<int, std::unique_ptr<Connection>> _connections;
    Task _task{this};
    Timer _timer{this};
};

int ControlSocket::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    std::string type;
    std::string address;
    bool localhost = false;
    bool proxy = false;
    RawArg proxy_argument;
    if (Args(conf, this, errh)
            .mandatory("TYPE", type)
            .mandatory("ADDRESS", address)
            .keyword("READONLY", _read_only)
            .keyword("PROXY", proxy_argument)
            .given(proxy)
            .keyword("VERBOSE", _verbose)
            .keyword("LOCALHOST", localhost)
            .keyword("RETRIES", _retries)
            .keyword("RETRY_WARNINGS", _retry_warnings)
            .complete() < 0) {
        return -1;
    }
    if (proxy) {
        return errh.error("PROXY: there is no kernel driver to speak to");
    }
    return _listener.configure(type, address, localhost, errh);
}

int ControlSocket::initialize(ErrorHandler& errh) {
    _task.initialize(this, false);
    _timer.initialize(this);
    Router* replaced = router().replaced();
    Element* old = replaced ? replaced->find(name()) : nullptr;
    if (old && std::string_view(old->class_name()) == class_name() &&
        _listener.same_address(static_cast<const ControlSocket&>(*old)._listener)) {
        return 0;  // take_state brings the socket
    }
    bool in_use = false;
    std::string cause;
    if (_listener.open(in_use, cause)) {
        begin();
        return 0;
    }
    if (!in_use || _retries <= 0) {
        return errh.error("%s", cause.c_str());
    }
    if (_retry_warnings) {
        errh.warning("%s (will try %d more time%s)", cause.c_str(), _retries, _retries == 1 ? "" : "s");
    }
    --_retries;
    _timer.schedule_after(kRetryAfter);
    return 0;
}

void ControlSocket::run_timer() {
    bool in_use = false;
    std::string cause;
    if (_listener.open(in_use, cause)) {
        begin();
        return;
    }
    LogErrorHandler errh;
    if (in_use && _retries > 0) {
        if (_retry_warnings) {
            errh.warning("%s: %s (will try %d more time%s)", declaration().c_str(), cause.c_str(), _retries,
                         _retries == 1 ? "" : "s");
        }
        --_retries;
        _timer.schedule_after(kRetryAfter);
    } else {
        errh.error("%s: %s", declaration().c_str(), cause.c_str());
    }
}

void ControlSocket::begin() {
    int open = _listener.connection();
    if (open >= 0) {
        add_connection(open, "a descriptor");
    } else if (!poller::watch(_listener.descriptor(), poller::kReadable, *this)) {
        platform::panic("cannot wait for connections");
    }
}

void ControlSocket::take_state(Element& old, ErrorHandler&) {
    auto& other = static_cast<ControlSocket&>(old);
    if (!_listener.same_address(other._listener)) {
        return;
    }
    _listener.take(other._listener);
    if (_listener.descriptor() >= 0) {
        begin();
    } else if (_listener.connection() < 0) {
        _timer.schedule_after(kRetryAfter);  // the old one was still trying
    }
    _connections = std::move(other._connections);
    other._connections.clear();
    for (auto& [fd, connection] : _connections) {
        connection->session.set_read_only(_read_only);
        poller::unwatch(fd);  // from the old element; the task serves and watches all
    }
    // What clients have sent behind the command that brought this router is waiting.
    _task.reschedule();
}

void ControlSocket::cleanup() {
    while (!_connections.empty()) {
        close_connection(_connections.begin()->first);
    }
    if (_listener.descriptor() >= 0) {
        poller::unwatch(_listener.descriptor());
    }
    _listener.close();
}

bool ControlSocket::run_task() {
    std::vector<int> descriptors;
    for (const auto& [fd, connection] : _connections) {
        descriptors.push_back(fd);
    }
    for (int fd : descriptors) {
        serve(fd);
    }
    return !descriptors.empty();
}

void ControlSocket::ready(int fd, uint32_t events) {
    if (fd == _listener.descriptor()) {
        accept_connection();
        return;
    }
    if ((events & poller::kReadable) && !receive(fd, _connections[fd]->session)) {
        close_connection(fd);
        return;
    }
    serve(fd);
}

void ControlSocket::accept_connection() {
    sockaddr_in from{};
    socklen_t size = sizeof from;
    int fd = accept4(_listener.descriptor(), reinterpret_cast<sockaddr*>(&from), &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        return;  // the client has gone already, or comes again
    }
    if (_connections.size() >= kMostConnections) {
        close(fd);
        return;
    }
    add_connection(fd, _listener.local()
                           ? "a local program"
                           : format("%s.%u", IPAddress(from.sin_addr.s_addr).unparse().c_str(), net16(from.sin_port)));
}

void ControlSocket::add_connection(int fd, std::string peer) {
    auto connection = std::make_unique<Connection>(Connection{ControlSession(_read_only), std::move(peer)});
    report("opened", *connection);
    _connections.emplace(fd, std::move(connection));
    serve(fd);
}

/// Takes what has come in; false when the connection is broken.
bool ControlSocket::receive(int fd, ControlSession& session) {
    char bytes[16384];
    ssize_t got = read(fd, bytes, sizeof bytes);
    if (got > 0) {
        session.receive({bytes, static_cast<size_t>(got)});
    } else if (got == 0) {
        session.end_input();
    }
    return got >= 0 || errno == EAGAIN || errno == EINTR;
}

/// Sends what there is room for; false when the connection is broken.
bool ControlSocket::send(int fd, ControlSession& session) {
    while (!session.output().empty()) {
        std::string_view output = session.output();
        ssize_t sent = ::send(fd, output.data(), output.size(), MSG_NOSIGNAL);
        if (sent < 0) {
            return errno == EAGAIN || errno == EINTR;
        }
        session.sent(static_cast<size_t>(sent));
    }
    return true;
}

/// Runs a conversation as far as it goes, and waits for what it needs next.
void ControlSocket::serve(int fd) {
    ControlSession& session = _connections[fd]->session;
    bool more = true;
    bool broken = false;
    while (more && !broken) {
        more = session.run(router());
        broken = !send(fd, session);
        more = more && session.output().empty();
    }
    if (broken || session.over()) {
        close_connection(fd);
        return;
    }
    uint32_t events =
        (session.wants_input() ? poller::kReadable : 0) | (session.output().empty() ? 0 : poller::kWritable);
    if (events == 0) {
        poller::unwatch(fd);
    } else if (!poller::watch(fd, events, *this)) {
        close_connection(fd);
    }
}

void ControlSocket::close_connection(int fd) {
    report("closed", *_connections[fd]);
    poller::unwatch(fd);
    close(fd);
    _connections.erase(_connections.find(fd));
}

void ControlSocket::report(const char* what, const Connection& connection) {
    if (_verbose) {
        platform::log(format("%s: %s connection from %s\n", declaration().c_str(), what, connection.peer.c_str()));
    }
}

void ControlSocket::add_handlers() { add_read_handler<&ControlSocket::port>("port"); }

}  // namespace

CLICK_ELEMENT(ControlSocket)

}  // namespace click

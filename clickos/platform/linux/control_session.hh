// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/router.hh>

#include <string>
#include <string_view>

namespace click {

/// One conversation in the protocol of ControlSocket, version 1.3: bytes of a client in, bytes for it out. It knows
/// nothing of sockets, so that it can be moved to the router that replaces the one it speaks of.
class ControlSession {
public:
    /// A client may leave so many bytes unanswered (a configuration written by WRITEDATA) and so many unread.
    static constexpr size_t kMostInput = size_t{16} << 20;
    static constexpr size_t kMostOutput = size_t{1} << 20;
    static constexpr size_t kLongestLine = size_t{64} << 10;

    explicit ControlSession(bool read_only) : _read_only(read_only) { _output = "Click::ControlSocket/1.3\r\n"; }

    void receive(std::string_view bytes) { _input += bytes; }
    /// The client will send nothing more.
    void end_input() { _ended = true; }
    void set_read_only(bool read_only) { _read_only = read_only; }

    /// Answers what commands are complete, with the handlers of `router`, until the router is asked to stop or to give
    /// way to another one, or the client leaves too many answers unread: then true, it can go on when they are sent.
    bool run(Router& router);

    /// What is to be sent; `sent` says how much of it was.
    std::string_view output() const { return std::string_view(_output).substr(_sent); }
    void sent(size_t bytes);
    bool wants_input() const { return !_closing && !_ended && output().size() < kMostOutput; }
    /// Nothing is left to say.
    bool over() const { return _closing && output().empty(); }

private:
    enum class Parameter : uint8_t { Line, Data, Until };
    enum Response {
        kOk = 200,
        kOkWithMessages = 220,
        kSyntaxError = 500,
        kUnimplemented = 501,
        kNoSuchElement = 510,
        kNoSuchHandler = 511,
        kHandlerError = 520,  ///< it failed and did not say why
        kPermission = 530,
        kUnspecified = 590,  ///< what the handler says is wrong
    };

    bool take_line(std::string_view& line, size_t& next) const;
    bool run_command(Router& router);
    bool run_handler(Router& router, bool write, Parameter form, std::string_view rest, size_t next);
    bool find_until(std::string_view terminator, size_t from, std::string& data, size_t& next) const;
    Router::HandlerRef find(Router& router, std::string_view path, bool write);
    void read(Router& router, const Router::HandlerRef& handler, std::string_view path, std::string_view parameter);
    void write(Router& router, const Router::HandlerRef& handler, std::string_view path, std::string_view value);
    void help(std::string_view command);
    void message(Response code, std::string_view text, bool more = false);
    void messages(Response code, std::string_view heading, std::string_view lines);

    bool _read_only;
    bool _ended = false;
    bool _closing = false;
    std::string _input;
    std::string _output;
    size_t _sent = 0;
};

}  // namespace click

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

/// A connection to XenStore that sends many requests before it reads the first answer. libxenstore waits for each
/// answer: with some thirty nodes a domain, changing between processes is most of what a domain costs then.
class XenStore {
public:
    /// A request: its type (xs_wire.h), and what it is about.
    struct Request {
        uint32_t type;
        std::string body;

        std::string path() const { return body.substr(0, body.find('\0')); }
    };

    static Request write(std::string_view path, std::string_view value);
    static Request make(std::string_view path);
    static Request remove(std::string_view path);
    /// `permissions` as `n0`, `r5`: the first names the owner, and what all may that are not named.
    static Request permit(std::string_view path, std::initializer_list<std::string> permissions);

    XenStore();
    ~XenStore();
    XenStore(const XenStore&) = delete;
    XenStore& operator=(const XenStore&) = delete;

    /// All requests in one transaction, again when somebody interfered.
    void transact(const std::vector<Request>& requests);

    /// Removes nodes with all below them, those that are there.
    void remove_all(const std::vector<std::string>& paths);

    void write_all(const std::vector<Request>& requests);
    std::vector<std::string> children(std::string_view path);
    /// The value of a node; empty when it is not there.
    std::string read(std::string_view path);
    /// Makes the domain known; from then on it can use XenStore.
    void introduce(uint32_t domain, uint64_t frame, uint32_t port);
    /// Has the daemon let go of a domain that was destroyed.
    void release(uint32_t domain);

private:
    struct Answer {
        int error = 0;
        std::string body;
    };

    void send(const std::vector<Request>& requests, uint32_t transaction);
    Answer receive();
    Answer ask(const Request& request);
    void must(const Request& request);

    int _socket;
};

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <thread>
#include <vector>

// Has errno's names if they are known by then.
#include <xen/io/xs_wire.h>

/// A XenStore daemon for one connection. It answers the requests of a transaction when the last has come; who waits for
/// an answer in between is hung up on. Its members may be looked at while no request is under way.
class PlayedDaemon {
public:
    PlayedDaemon() {
        std::string folder = (std::filesystem::temp_directory_path() / "xenstored-XXXXXX").string();
        REQUIRE(mkdtemp(folder.data()) != nullptr);
        _folder = folder;
        std::string path = folder + "/socket";
        sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        _listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        REQUIRE(bind(_listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        REQUIRE(listen(_listener, 1) == 0);
        setenv("XENSTORED_PATH", path.c_str(), 1);
        _thread = std::thread([this] { serve(); });
    }

    ~PlayedDaemon() {
        _thread.join();
        close(_listener);
        std::filesystem::remove_all(_folder);
    }

    std::map<std::string, std::string> nodes;
    /// Error names for paths.
    std::map<std::string, std::string> refused;
    int collisions = 0;
    bool hangs_up = false;
    std::vector<std::string> asked;

private:
    struct Request {
        xsd_sockmsg head;
        std::string body;

        std::string path() const { return body.substr(0, body.find('\0')); }
        std::string rest() const { return body.substr(path().size() + 1); }
    };

    bool receive(Request& request) const {
        if (recv(_client, &request.head, sizeof request.head, MSG_WAITALL) != sizeof request.head) {
            return false;
        }
        request.body.resize(request.head.len);
        return request.body.empty() || recv(_client, request.body.data(), request.body.size(), MSG_WAITALL) ==
                                           static_cast<ssize_t>(request.body.size());
    }

    static std::string answer(const Request& request, const std::string& error, const std::string& body) {
        std::string text = error.empty() ? body : error + '\0';
        xsd_sockmsg head = request.head;
        if (!error.empty()) {
            head.type = XS_ERROR;
        }
        head.len = static_cast<uint32_t>(text.size());
        return std::string(reinterpret_cast<const char*>(&head), sizeof head) + text;
    }

    void serve() {
        _client = accept(_listener, nullptr, nullptr);
        timeval patience{.tv_sec = 10, .tv_usec = 0};
        setsockopt(_client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        std::vector<Request> held;
        for (Request request; receive(request) && !hangs_up; request = {}) {
            held.push_back(request);
            if (request.head.tx_id == 0 || request.head.type == XS_TRANSACTION_END) {
                carry_out(held);
                held.clear();
            }
        }
        close(_client);
    }

    void carry_out(const std::vector<Request>& held) {
        std::map<std::string, std::string> copy = nodes;
        std::string answers;
        for (const Request& request : held) {
            std::string error;
            std::string body("OK", 3);
            if (auto known = refused.find(request.path()); known != refused.end()) {
                error = known->second;
            } else if (request.head.type == XS_TRANSACTION_END && collisions > 0) {
                collisions--;
                error = "EAGAIN";
                copy = nodes;
            } else {
                error = carry_out(request, copy, body);
            }
            answers += answer(request, error, body);
        }
        nodes = copy;
        send(_client, answers.data(), answers.size(), MSG_NOSIGNAL);
    }

    std::string carry_out(const Request& request, std::map<std::string, std::string>& tree, std::string& body) {
        asked.push_back(request.path() + " " + request.rest());
        switch (request.head.type) {
            case XS_TRANSACTION_START:
                body = std::string("5", 2);
                return "";
            case XS_WRITE:
                tree[request.path()] = request.rest();
                return "";
            case XS_RM:
                return tree.erase(request.path()) > 0 ? "" : "ENOENT";
            case XS_READ:
            case XS_DIRECTORY:
                body = tree.contains(request.path()) ? tree[request.path()] : "";
                return tree.contains(request.path()) ? "" : "ENOENT";
            default:
                return "";
        }
    }

    std::string _folder;
    int _listener = -1;
    int _client = -1;
    std::thread _thread;
};

// SPDX-License-Identifier: Apache-2.0
#include "xenstore.hh"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <thread>

#include "failure.hh"

#include <xen/io/xs_wire.h>

namespace {

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

using Nodes = std::map<std::string, std::string>;

const std::vector<XenStore::Request> kTwo = {XenStore::write("/a", "1"), XenStore::write("/b", "two")};

}  // namespace

TEST_CASE("a transaction is sent as a whole before the first answer is read") {
    PlayedDaemon daemon;
    XenStore store;
    store.transact(kTwo);
    CHECK(store.read("/b") == "two");
}

TEST_CASE("a transaction is done again when somebody interfered") {
    PlayedDaemon daemon;
    daemon.collisions = 2;
    XenStore store;
    store.transact(kTwo);
    CHECK(store.read("/a") == "1");
    CHECK(daemon.collisions == 0);
}

TEST_CASE("a live lock ends") {
    PlayedDaemon daemon;
    daemon.collisions = 1000;
    XenStore store;
    CHECK_THROWS_WITH_AS(store.transact(kTwo),
                         "XenStore, end a transaction in 100 attempts: Resource temporarily unavailable", Failure);
}

TEST_CASE("the first request that is refused is the cause, and the connection goes on") {
    PlayedDaemon daemon;
    daemon.refused = {{"/a", "EQUOTA"}, {"/b", "EACCES"}, {"/c", "ENOSUCHERROR"}, {"/d", "ENOMEM"}};
    XenStore store;
    CHECK_THROWS_WITH_AS(store.transact(kTwo), "XenStore, write /a: Disk quota exceeded", Failure);
    CHECK_THROWS_WITH_AS(store.read("/b"), "XenStore, read /b: Permission denied", Failure);
    CHECK_THROWS_WITH_AS(store.children("/c"), "XenStore, list /c: Input/output error", Failure);
    CHECK_THROWS_WITH_AS(store.remove_all({"/c", "/d"}), "XenStore, remove /c: Input/output error", Failure);
    CHECK_THROWS_WITH_AS(store.write_all({XenStore::write("/d", "")}), "XenStore, write /d: Cannot allocate memory",
                         Failure);
    CHECK(store.read("/x").empty());
}

TEST_CASE("nodes are removed, those that are there") {
    PlayedDaemon daemon;
    daemon.nodes = {{"/a", ""}, {"/b", ""}, {"/c", ""}};
    XenStore store;
    store.remove_all({"/a", "/nowhere", "/c"});
    CHECK(store.read("/a").empty());
    CHECK(daemon.nodes == Nodes{{"/b", ""}});
}

TEST_CASE("what is there is listed and read, what is not is empty") {
    PlayedDaemon daemon;
    daemon.nodes = {{"/a", std::string("0\0"
                                       "10\0",
                                       5)},
                    {"/empty", ""},
                    {"/value", "x y\n"}};
    XenStore store;
    CHECK(store.children("/a") == std::vector<std::string>{"0", "10"});
    CHECK(store.children("/empty").empty());
    CHECK(store.children("/nowhere").empty());
    CHECK(store.read("/value") == "x y\n");
    CHECK(store.read("/nowhere").empty());
}

TEST_CASE("a domain is introduced by its page and port, and released by its number") {
    PlayedDaemon daemon;
    daemon.refused = {{"8", "EINVAL"}, {"9", "EIO"}};
    XenStore store;
    store.introduce(7, 4711, 1);
    store.release(7);
    store.release(8);
    CHECK_THROWS_WITH_AS(store.release(9), "XenStore, release domain 9: Input/output error", Failure);
    CHECK(daemon.asked == std::vector<std::string>{std::string("7 4711\0"
                                                               "1\0",
                                                               9),
                                                   "7 "});
}

TEST_CASE("a request that is too long is refused before it is sent") {
    PlayedDaemon daemon;
    XenStore store;
    std::string longest(XENSTORE_PAYLOAD_MAX - sizeof "/a", 'x');
    store.write_all({XenStore::write("/a", longest)});
    CHECK(store.read("/a") == longest);
    CHECK_THROWS_WITH_AS(store.write_all({XenStore::write("/a", longest + "x")}),
                         "XenStore, write /a: Argument list too long", Failure);
    CHECK(store.read("/a") == longest);
}

TEST_CASE("a daemon that is gone is an error") {
    {
        PlayedDaemon daemon;
        daemon.hangs_up = true;
        XenStore store;
        CHECK_THROWS_WITH_AS(store.read("/a"), "receive from XenStore: Connection reset by peer", Failure);
    }
    setenv("XENSTORED_PATH", "/nowhere/socket", 1);
    CHECK_THROWS_WITH_AS(XenStore(), "connect to XenStore at /nowhere/socket: No such file or directory", Failure);
}

// SPDX-License-Identifier: Apache-2.0
//
// The XenStore client with a daemon at the other end of its ring: one that takes and gives a few bytes at a time, and one
// that says anything.
#include "platform/xen_control/xenstore.hh"

#include <doctest/doctest.h>

#include <xen/io/xs_wire.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <stdexcept>

#include "platform/platform.hh"
#include "platform/xen/events.hh"
#include "platform/xen/machine.hh"

namespace click {

namespace {

/// Called whenever the client waits.
std::function<void()> daemon;
unsigned waits = 0;

xenstore_domain_interface page;

}  // namespace

void platform::panic(const char* reason) { throw std::runtime_error(reason); }
int64_t platform::monotonic_clock() { return waits * int64_t{1'000'000'000}; }

namespace xen {

Machine machine;

namespace events {
void notify(evtchn_port_t) {}
bool listen(evtchn_port_t, Receiver, void*) { return true; }
bool sleep_for(evtchn_port_t, int64_t) {
    if (++waits > 100'000) {
        throw std::runtime_error("the client waits for ever");
    }
    daemon();
    return true;
}
}  // namespace events

namespace {

/// Moves bytes between the ring and the messages of both sides, `piece` at a time.
class Daemon {
public:
    explicit Daemon(size_t piece) : _piece(piece) {
        page = {};
        waits = 0;
        machine.xenstore_ring = &page;
        machine.xenstore_port = 1;
        daemon = [this] { step(); };
        xenstore::start();
    }

    void send(uint32_t type, uint32_t request, const std::string& payload) {
        xsd_sockmsg header{type, request, 0, static_cast<uint32_t>(payload.size())};
        _out.append(reinterpret_cast<const char*>(&header), sizeof header).append(payload);
    }

    std::map<std::string, std::string> nodes;
    unsigned conflicts = 0;
    unsigned commits = 0;

private:
    void step() {
        for (size_t i = 0; i < _piece && page.req_cons != page.req_prod; ++i) {
            _in += page.req[MASK_XENSTORE_IDX(page.req_cons++)];
        }
        xsd_sockmsg header;
        while (_in.size() >= sizeof header) {
            std::copy_n(_in.data(), sizeof header, reinterpret_cast<char*>(&header));
            if (_in.size() < sizeof header + header.len) {
                break;
            }
            answer(header, _in.substr(sizeof header, header.len));
            _in.erase(0, sizeof header + header.len);
        }
        size_t count = 0;
        while (count < _piece && count < _out.size() && page.rsp_prod - page.rsp_cons < XENSTORE_RING_SIZE) {
            page.rsp[MASK_XENSTORE_IDX(page.rsp_prod++)] = _out[count++];
        }
        _out.erase(0, count);
    }

    void answer(const xsd_sockmsg& header, const std::string& payload) {
        std::string path = payload.substr(0, payload.find('\0'));
        switch (header.type) {
            case XS_READ:
                if (nodes.count(path)) {
                    send(XS_READ, header.req_id, nodes[path]);
                } else {
                    send(XS_ERROR, header.req_id, std::string("ENOENT", 7));
                }
                break;
            case XS_WRITE:
                nodes[path] = payload.substr(path.size() + 1);
                send(XS_WATCH_EVENT, 0, path + '\0' + "token" + '\0');
                send(XS_WRITE, header.req_id, "OK");
                break;
            case XS_DIRECTORY:
                send(XS_DIRECTORY, header.req_id, std::string("one\0two\0", 8));
                break;
            case XS_TRANSACTION_START:
                send(XS_TRANSACTION_START, header.req_id, std::string("17", 3));
                break;
            case XS_TRANSACTION_END:
                ++commits;
                if (conflicts > 0) {
                    --conflicts;
                    send(XS_ERROR, header.req_id, std::string("EAGAIN", 7));
                } else {
                    send(XS_TRANSACTION_END, header.req_id, "OK");
                }
                break;
            default:
                send(XS_ERROR, header.req_id, std::string("ENOSYS", 7));
        }
    }

    size_t _piece;
    std::string _in;
    std::string _out;
};

}  // namespace

TEST_CASE("values of any bytes and of the longest length come through, however few bytes the ring takes") {
    for (size_t piece : {1U, 7U, 1024U}) {
        Daemon store(piece);
        std::string longest(xenstore::kMostBytes - 2, 'v');
        longest[5] = '\0';
        REQUIRE(xenstore::write("p", longest));
        CHECK(store.nodes["p"] == longest);
        std::string value;
        REQUIRE(xenstore::read("p", value));
        CHECK(value == longest);
    }
}

TEST_CASE("a value that does not fit into a message is refused before it is sent") {
    Daemon store(1024);
    CHECK_FALSE(xenstore::write("p", std::string(xenstore::kMostBytes - 1, 'v')));
    CHECK(xenstore::error() == "E2BIG");
    CHECK(store.nodes.empty());
}

TEST_CASE("errors are named as the daemon names them") {
    Daemon store(1024);
    std::string value;
    CHECK_FALSE(xenstore::read("missing", value));
    CHECK(xenstore::error() == "ENOENT");
}

TEST_CASE("events that come between question and answer are kept in order") {
    Daemon store(3);
    xenstore::write("a", "1");
    xenstore::write("b", "2");
    xenstore::Event event;
    REQUIRE(xenstore::next_event(event));
    CHECK(event.path == "a");
    CHECK(event.token == "token");
    REQUIRE(xenstore::next_event(event));
    CHECK(event.path == "b");
    CHECK_FALSE(xenstore::next_event(event));
}

TEST_CASE("a transaction is done again until it did not conflict") {
    Daemon store(1024);
    store.conflicts = 3;
    CHECK(xenstore::transact([](uint32_t transaction) { return transaction == 17; }));
    CHECK(store.commits == 4);
}

TEST_CASE("a transaction that conflicts every time is given up") {
    Daemon store(1024);
    store.conflicts = 100'000;
    CHECK_FALSE(xenstore::transact([](uint32_t) { return true; }));
    CHECK(xenstore::error() == "EAGAIN");
    CHECK(store.commits == xenstore::kMostTries);
}

TEST_CASE("a folder's names are split") {
    Daemon store(1024);
    std::vector<std::string> names;
    REQUIRE(xenstore::list("folder", names));
    CHECK(names == std::vector<std::string>{"one", "two"});
}

TEST_CASE("a daemon that says anything ends the guest or is understood, and does no harm") {
    std::mt19937 random(1);
    unsigned ended = 0;
    for (int round = 0; round < 2000; ++round) {
        Daemon store(1024);
        std::vector<std::string> names;
        uint32_t number = 0;
        daemon = [&] {
            // Of the form of an answer more often than not, with lengths and counts that are wrong now and then.
            xsd_sockmsg header{static_cast<uint32_t>(random() % 20),
                               random() % 4 ? ++number : static_cast<uint32_t>(random() % 8), 0,
                               static_cast<uint32_t>(random() % 16 ? random() % 64 : random())};
            const auto* bytes = reinterpret_cast<const char*>(&header);
            for (size_t i = 0; i < sizeof header; ++i) {
                page.rsp[MASK_XENSTORE_IDX(page.rsp_prod + i)] = bytes[i];
            }
            page.rsp_prod += sizeof header;
            for (uint32_t i = 0; i < std::min<uint32_t>(header.len, 500); ++i) {
                page.rsp[MASK_XENSTORE_IDX(page.rsp_prod++)] = static_cast<char>(random() % 3 ? random() % 256 : 0);
            }
            page.req_cons = random() % 50 ? page.req_prod : static_cast<uint32_t>(random());
            if (waits > 200) {
                throw std::runtime_error("enough");
            }
        };
        try {
            xenstore::list("folder", names);
            xenstore::transact([](uint32_t) { return true; });
            xenstore::receive_events();
            xenstore::Event event;
            while (xenstore::next_event(event)) {
                CHECK(event.path.size() <= xenstore::kMostBytes);
            }
        } catch (const std::runtime_error&) {
            ++ended;
        }
    }
    CHECK(ended > 0);
}

}  // namespace xen

}  // namespace click

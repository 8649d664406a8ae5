// SPDX-License-Identifier: Apache-2.0
#include "xenstore.hh"

#include "failure.hh"
#include "played_daemon.hh"

namespace {

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

TEST_CASE("a transaction with a request that is too long is not begun") {
    PlayedDaemon daemon;
    XenStore store;
    std::string long_one(XENSTORE_PAYLOAD_MAX, 'x');
    CHECK_THROWS_WITH_AS(store.transact({kTwo[0], XenStore::write("/c", long_one)}),
                         "XenStore, write /c: Argument list too long", Failure);
    CHECK(daemon.asked.empty());
    store.transact(kTwo);
    CHECK(store.read("/b") == "two");
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

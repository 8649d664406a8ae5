// SPDX-License-Identifier: Apache-2.0
//
// An interface whose backend comes, goes, and is another one.
#include <doctest/doctest.h>

#include "platform/xen/netfront.hh"
#include "platform/xen/test/backend.hh"
#include "platform/xen/test/domain.hh"
#include "platform/xen_control/xenstore.hh"

namespace click::xen {

namespace {

using Frames = std::vector<std::string>;

/// Lets the interfaces hear of all that has happened in XenStore.
void settle() {
    xenstore::Event event;
    while (xenstore::next_event(event)) {
        interfaces::follow(event.path, event.token);
    }
}

void attach(const std::string& number, const std::string& backend, const std::string& address) {
    domain::nodes["device/vif/" + number + "/backend-id"] = "0";
    domain::nodes["device/vif/" + number + "/mac"] = address;
    domain::nodes[backend + "/state"] = "2";
    domain::nodes[backend + "/online"] = "1";
    domain::host_writes("device/vif/" + number + "/backend", backend);
}

/// Removes a folder, and who watches it hears of that.
void remove(const std::string& folder, const std::string& told) {
    std::erase_if(domain::nodes, [&](const auto& node) { return node.first.starts_with(folder + "/"); });
    domain::host_writes(told, "");
    domain::nodes.erase(told);
}

void let_all_go() {
    domain::reset();
    interfaces::follow("device/vif", "vif");
    CHECK(domain::allocated.empty());
    CHECK(domain::ports.empty());
}

constexpr const char* kAddress = "00:16:3e:00:00:09";

}  // namespace

TEST_CASE("a backend that closes gets everything back, and a new one is used again") {
    Backend backend;
    backend.enter("5");
    CHECK(Backend::node("state") == "6");
    CHECK(domain::granted.empty());
    CHECK(domain::ports.empty());
    backend.enter("6");
    CHECK(Backend::node("state") == "1");
    backend.enter("2");
    CHECK(Backend::node("state") == "4");
    backend.map_rings();
    backend.deliver(frame_of(60, 'z'));
    CHECK(backend.received() == Frames{frame_of(60, 'z')});
}

TEST_CASE(
    "a backend that waits is told of the rings once, however often its wait is heard of; one that starts anew, again") {
    domain::reset();
    attach("0", "/b0", kAddress);
    interfaces::start();
    settle();
    unsigned writes = domain::writes;
    std::string ring = domain::nodes["device/vif/0/tx-ring-ref"];
    domain::host_writes("/b0/state", "2");
    settle();
    CHECK(domain::writes == writes);
    CHECK(domain::nodes["device/vif/0/tx-ring-ref"] == ring);
    CHECK(domain::granted.contains(static_cast<grant_ref_t>(std::stoul(ring))));
    for (const char* state : {"4", "2"}) {
        domain::host_writes("/b0/state", state);
        settle();
    }
    CHECK(domain::writes > writes);
    let_all_go();
}

TEST_CASE("an interface that is attached again under another number is the same interface") {
    domain::reset();
    attach("0", "/b0", kAddress);
    interfaces::start();
    settle();
    Interface* before = interfaces::find("0");
    REQUIRE(before != nullptr);
    remove("device/vif/0", "device/vif/0");
    settle();
    CHECK(interfaces::find("0") == nullptr);
    attach("3", "/b3", kAddress);
    settle();
    CHECK(interfaces::find("0") == before);
    CHECK(interfaces::find(kAddress) == before);
    CHECK(domain::nodes["device/vif/3/state"] == "4");
    let_all_go();
    CHECK(interfaces::find("0") == nullptr);
}

TEST_CASE("a backend that vanishes without a word leaves the link down, until the device is attached again") {
    domain::reset();
    attach("0", "/b0", kAddress);
    interfaces::start();
    settle();
    Interface* one = interfaces::find("0");
    domain::host_writes("/b0/state", "4");
    settle();
    CHECK(one->link_up());
    remove("/b0", "/b0/state");
    CHECK_FALSE(one->link_up());
    settle();
    CHECK(one->queues() == 0);
    PacketBatch batch(Packet::make(frame_of(60, 'x').data(), 60));
    PacketBatch sent;
    PacketBatch refused;
    one->transmit(batch, sent, refused);
    CHECK(refused.size() == 1);
    SUBCASE("with the same backend") { attach("0", "/b0", kAddress); }
    SUBCASE("with a backend in another domain") { attach("0", "/b1", kAddress); }
    domain::host_writes(domain::nodes["device/vif/0/backend"] + "/state", "2");
    settle();
    CHECK(one->queues() == 1);
    CHECK(domain::nodes["device/vif/0/state"] == "4");
    let_all_go();
}

TEST_CASE("the link is what the backend's carrier says") {
    Backend backend;
    CHECK(backend.front.link_up());
    domain::nodes[std::string(Backend::kPath) + "/carrier"] = "0";
    CHECK_FALSE(backend.front.link_up());
    domain::nodes[std::string(Backend::kPath) + "/carrier"] = "1";
    CHECK(backend.front.link_up());
}

TEST_CASE("in a restored domain an interface connects to the backend that it has there, and keeps no memory") {
    domain::reset();
    attach("0", "/b5", kAddress);
    interfaces::start();
    settle();
    Interface* one = interfaces::find("0");
    size_t taken = domain::allocated.size();
    // Another domain: another backend, and no grant or event channel of before.
    domain::reset();
    domain::granted.clear();
    domain::ports.clear();
    attach("0", "/b6", kAddress);
    interfaces::resume();
    settle();
    CHECK(interfaces::find("0") == one);
    CHECK(one->queues() == 1);
    CHECK(domain::nodes["device/vif/0/state"] == "4");
    CHECK(domain::allocated.size() == taken);
    CHECK(domain::ports.size() == 1);
    let_all_go();
}

TEST_CASE("the guest does not look again for what it wrote itself") {
    domain::reset();
    attach("0", "/b0", kAddress);
    interfaces::start();
    settle();
    domain::nodes.erase("device/vif/0/mac");  // whoever looks now would not find it
    domain::host_writes("device/vif/0/state", "4");
    settle();
    CHECK(interfaces::find("0") != nullptr);
    let_all_go();
}

TEST_CASE("a detached interface keeps nothing, and takes no frames") {
    Backend backend;
    backend.front.vanish();
    CHECK(domain::granted.empty());
    CHECK(domain::allocated.empty());
    CHECK(backend.send(frame_of(60, 'x')) == "refused");
}

}  // namespace click::xen

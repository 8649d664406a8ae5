// SPDX-License-Identifier: Apache-2.0
//
// How long a chain of elements may be: each of them calls the next one.
#include <pthread.h>

#include <doctest/doctest.h>
#include <click/router.hh>

#include <string>

namespace click {

namespace {

/// The stack of a guest (platform/xen/guest.ld).
constexpr size_t kGuestStack = 262'144;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr size_t kStack = 16 * kGuestStack;  // a sanitizer makes every frame larger
#else
constexpr size_t kStack = kGuestStack;
#endif

struct Chain {
    std::string configuration;
    uint64_t passed = 0;
};

/// Sends a batch of 64 different packets through the router, on a stack of the guest's size.
void* run(void* user) {
    auto* chain = static_cast<Chain*>(user);
    RouterDefinition definition;
    LogErrorHandler errh;
    Scheduler scheduler;
    if (!parse_router(chain->configuration, "config", {}, definition, errh)) {
        return nullptr;
    }
    Router router(std::move(definition), {scheduler});
    if (router.configure(errh) < 0 || router.initialize(nullptr, errh) < 0) {
        return nullptr;
    }
    PacketBatch batch;
    for (uint8_t i = 0; i < PacketBatch::kCapacity; ++i) {
        batch.append(Packet::make(&i, 1));
    }
    router.find("in")->push(0, batch);
    for (int i = 0; i < 3; ++i) {
        scheduler.run_once(false);
    }
    chain->passed = std::stoul(router.read(router.find_handler("end.count"), {}, errh));
    return nullptr;
}

uint64_t packets_through(const std::string& configuration) {
    Chain chain{configuration};
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    REQUIRE(pthread_attr_setstacksize(&attributes, kStack) == 0);
    pthread_t thread;
    REQUIRE(pthread_create(&thread, &attributes, run, &chain) == 0);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
    return chain.passed;
}

std::string times(int count, const char* text) {
    std::string all;
    for (int i = 0; i < count; ++i) {
        all += text;
    }
    return all;
}

}  // namespace

TEST_CASE("a chain of 1,000 elements runs in the guest's stack") {
    for (const char* element : {"-> Classifier(-)", "-> Tee(1)", "-> Null", "-> Paint(1)", "-> Counter"}) {
        CAPTURE(element);
        CHECK(packets_through("Idle -> in :: Null" + times(1000, element) + "-> end :: Discard;") == 64);
    }
    for (const char* element : {"-> Null", "-> Paint(1)", "-> Counter"}) {
        CAPTURE(element);
        CHECK(packets_through("Idle -> in :: Queue" + times(1000, element) + "-> end :: Discard(BURST 64);") == 64);
    }
}

TEST_CASE("a batch that 1,000 classifiers split until it is gone runs in the guest's stack") {
    std::string configuration = "end :: Discard; Idle -> in :: Null -> c0 :: Null";
    for (int i = 0; i < 64; ++i) {
        std::string number = std::to_string(i);
        configuration += times(15, "-> Classifier(-)") + "-> s" + number + " :: Classifier(0/" +
                         "0123456789abcdef"[i / 16] + "0123456789abcdef"[i % 16] + ", -); s" + number + " -> end; s" +
                         number + "[1] -> Null";
    }
    CHECK(packets_through(configuration + "-> Discard;") == 64);
}

}  // namespace click

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The guest's side of XenStore (io/xs_wire.h and Xen's docs/misc/xenstore.txt): one question at a time, answered before
/// the call returns; watch events that come in between are kept. Paths without a leading slash are below the domain's own
/// folder.
namespace click::xen::xenstore {

/// One message's payload.
inline constexpr size_t kMostBytes = 4096;
/// A value that every daemon's default quota takes (oxenstored: 2,048 bytes).
inline constexpr size_t kMostValueBytes = 2000;

/// Names the error of the last call that failed: "ENOENT", "EAGAIN", "EQUOTA", ... as the daemon said it.
const std::string& error();

/// Also in the domain in which a suspended one goes on: nothing is watched there.
void start();
bool read(const std::string& path, std::string& value, uint32_t transaction = 0);
bool write(const std::string& path, std::string_view value, uint32_t transaction = 0);
bool list(const std::string& path, std::vector<std::string>& names, uint32_t transaction = 0);
/// An event comes at once, and then for each change at and below `path`.
bool watch(const std::string& path, const std::string& token);
bool unwatch(const std::string& path, const std::string& token);

/// How often a transaction is tried: more conflicts in a row are no accident.
inline constexpr unsigned kMostTries = 50;

/// Calls `body(transaction)` until its reads and writes are of one moment (the daemon says EAGAIN when they were not).
/// False when an operation or the daemon failed, or after kMostTries.
template <typename Body>
bool transact(Body body);

/// A change that a watch saw; `path` as the watch gave it (relative or not).
struct Event {
    std::string path;
    std::string token;
};
/// The oldest event that nobody has taken. False when there is none.
bool next_event(Event& event);
/// Whether there is an event to take, or something in the ring.
bool events_left();
/// Takes events from the ring; called when there may be some.
void receive_events();

/// For the end of the guest: writes without waiting for anything but the answer, a second at most.
void write_last_words(const std::string& path, std::string_view value);

bool begin(uint32_t& transaction);
bool end(uint32_t transaction, bool commit);

template <typename Body>
bool transact(Body body) {
    for (unsigned tries = 0; tries < kMostTries; ++tries) {
        uint32_t transaction;
        if (!begin(transaction)) {
            return false;
        }
        bool good = body(transaction);
        if (end(transaction, good)) {
            return good;
        }
        if (!good || error() != "EAGAIN") {
            return false;
        }
    }
    return false;
}

}  // namespace click::xen::xenstore

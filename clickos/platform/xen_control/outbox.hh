// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <string>

namespace click::xen {

/// What the guest writes for the module host. XenStore may not take it now (EQUOTA, ENOSPC, a daemon that is overloaded):
/// then the guest goes on, and tries again when something has changed.
class Outbox {
public:
    /// What becomes of a text that is longer than a value may be.
    enum class Cut : uint8_t {
        Plain,   ///< its beginning is written: it says its own length
        Marked,  ///< and a last line that says so
    };

    /// Writes a node, in place of what it was to say before.
    void write(const std::string& path, const std::string& text, Cut cut);
    /// Tries again; called after an event of XenStore, so that nothing is tried in a loop.
    void try_again();
    void clear() { _left.clear(); }

private:
    struct Message {
        std::string text;
        Cut cut;
    };
    static bool send(const std::string& path, const Message& message);

    std::map<std::string, Message> _left;  ///< by path
};

}  // namespace click::xen

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace click {

/// An element in which packets wait between who pushes and who pulls: where the turn of one task ends and another's
/// begins. Found by `Element::as<Storage>()`.
class Storage {
public:
    /// What several workers may do here at the same time.
    enum class Sharing : uint8_t {
        None,     ///< nothing: whoever pushes and whoever pulls must be the same one
        Ends,     ///< one pushes, another one pulls
        Pushers,  ///< any number push, one pulls
        All,      ///< any number push, any number pull
    };

    /// Packets that wait.
    virtual unsigned length() const = 0;
    /// Packets that could still be taken in.
    virtual unsigned room() const = 0;
    virtual Sharing sharing() const { return Sharing::None; }
    /// Several workers do come here; asked for only where `sharing` allows it.
    virtual void cross_workers() {}

protected:
    ~Storage() = default;
};

}  // namespace click

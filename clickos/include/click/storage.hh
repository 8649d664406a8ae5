// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace click {

/// An element in which packets wait between who pushes and who pulls: where the turn of one task ends and another's
/// begins. Found by `Element::as<Storage>()`.
class Storage {
public:
    /// Packets that wait.
    virtual unsigned length() const = 0;
    /// Packets that could still be taken in.
    virtual unsigned room() const = 0;

protected:
    ~Storage() = default;
};

}  // namespace click

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <string_view>

namespace click::lang {

/// What `$name` means in one scope of the expanded configuration: arguments of the compound element, then `define`s,
/// then whatever the scope around says.
class Variables {
public:
    using Definitions = std::map<std::string, std::string, std::less<>>;

    /// An expanded text may be so long, and definitions mention each other so deep. What goes beyond is cut off.
    struct Bounds {
        size_t length = 1 << 20;
        bool exceeded = false;  ///< set when one of them was
    };
    static constexpr int kMaxDepth = 64;

    /// `definitions` are texts that may mention variables themselves; they and `bounds` must outlive this.
    Variables(const Variables* around, const Definitions& definitions, Bounds& bounds)
        : _around(around), _definitions(definitions), _bounds(bounds) {}

    /// An argument: goes before a definition of the same name, and is not expanded any further.
    void set(std::string_view name, std::string value) {
        _values.insert_or_assign(std::string(name), std::move(value));
    }

    /// Replaces `$name`, `${name}`, `${name-default}` and `$(name)` in a configuration string. Single quotes and comments keep
    /// what is in them, in double quotes the value is escaped to stay inside of them, and unset variables stay.
    std::string expand(std::string_view text) const { return expand(text, 0); }

private:
    std::string expand(std::string_view text, int depth) const;
    const std::string* find(std::string_view name, int depth) const;

    const Variables* _around;
    const Definitions& _definitions;
    Bounds& _bounds;
    mutable std::map<std::string, std::string, std::less<>> _values;
    mutable std::map<std::string, bool, std::less<>> _being_expanded;
};

}  // namespace click::lang

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/element.hh>

#include <span>
#include <string>
#include <string_view>

namespace click {

/// What scripts compute with: `$(add 1 2)`.
struct ScriptFunction {
    const char* name;
    /// Reports what is wrong with the arguments and returns an empty text then.
    std::string (*call)(std::string_view arguments, const Element& script, ErrorHandler& errh);
};

std::span<const ScriptFunction> script_functions();

}  // namespace click

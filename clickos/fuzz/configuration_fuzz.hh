// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

namespace click {

/// Reads and configures any text as a configuration, as `click --check` does. A configuration that is right must also
/// flatten to one that reads back as itself. Aborts when that does not hold.
void fuzz_configuration(std::string_view text);

}  // namespace click

// SPDX-License-Identifier: Apache-2.0
//
// The target of `make fuzz` (libFuzzer) for configurations: whatever text comes, the engine may only refuse it.
#include <cstddef>
#include <cstdint>

#include "fuzz/configuration_fuzz.hh"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    click::fuzz_configuration({reinterpret_cast<const char*>(data), size});
    return 0;
}

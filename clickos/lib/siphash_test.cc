// SPDX-License-Identifier: Apache-2.0
#include "lib/siphash.hh"

#include <doctest/doctest.h>

namespace click {

TEST_CASE("the vector of 8 bytes that the authors of SipHash published") {
    CHECK(siphash(0x0706050403020100, {0x0706050403020100, 0x0f0e0d0c0b0a0908}) == 0x93f5f5799a932462);
}

}  // namespace click

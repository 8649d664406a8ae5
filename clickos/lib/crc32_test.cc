// SPDX-License-Identifier: Apache-2.0
#include "lib/crc32.hh"

#include <doctest/doctest.h>

namespace click {

TEST_CASE("the check value of the CRC catalogue") {
    CHECK(crc32(reinterpret_cast<const uint8_t*>("123456789"), 9) == 0xcbf43926);
    CHECK(crc32(nullptr, 0) == 0);
}

}  // namespace click

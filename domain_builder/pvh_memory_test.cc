// SPDX-License-Identifier: Apache-2.0
#include "pvh_memory.hh"

#include <doctest/doctest.h>

#include <string>

namespace {

std::string text(const std::vector<e820entry>& map) {
    std::string lines;
    for (const e820entry& entry : map) {
        // Copies: the members of a packed structure cannot be referred to.
        lines += std::to_string(uint64_t{entry.addr}) + "+" + std::to_string(uint64_t{entry.size}) + " " +
                 (entry.type == E820_RAM ? "memory" : "reserved") + "\n";
    }
    return lines;
}

constexpr uint64_t kMiB = 1 << 20;

}  // namespace

TEST_CASE("memory begins at 0, and the shared pages are reserved") {
    PvhMemory memory(4 * kMiB);
    CHECK(memory.pages == 1024);
    CHECK(memory.low_end == 4 * kMiB);
    CHECK(memory.high_end == 0);
    CHECK(text(memory.map) == "0+4194304 memory\n4278157312+32768 reserved\n");
}

TEST_CASE("what the hole below 4 GiB displaces comes after it") {
    PvhMemory fits(0xfee00000);
    PvhMemory more(8192 * kMiB);
    CHECK(fits.high_end == 0);
    CHECK(more.low_end == more.hole);
    CHECK(more.low_end + more.high_end - 4096 * kMiB == 8192 * kMiB);
    CHECK(text(more.map) == "0+4276092928 memory\n4278157312+32768 reserved\n4294967296+4313841664 memory\n");
}

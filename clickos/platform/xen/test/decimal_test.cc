// SPDX-License-Identifier: Apache-2.0
#include "platform/xen/decimal.hh"

#include <doctest/doctest.h>

#include <cstdlib>
#include <initializer_list>

TEST_CASE("the guest reads decimal numbers as the C library does") {
    for (const char* text : {"0",
                             "-0",
                             "1",
                             "-1.5",
                             "+7",
                             "0.1",
                             "0.3",
                             "99.99",
                             ".5",
                             "5.",
                             "1e3",
                             "1E-3",
                             "1e",
                             "1e+",
                             "abc",
                             "-",
                             ".",
                             "1.2.3",
                             "123456789012345678901234",
                             "2.2250738585072014e-308",
                             "1e400",
                             "-1e400",
                             "1e-400",
                             "1e99999999999"}) {
        CAPTURE(text);
        char* expected_end = nullptr;
        double expected = std::strtod(text, &expected_end);
        const char* end = nullptr;
        CHECK(click::xen::read_decimal(text, &end) == expected);
        CHECK(end == expected_end);
    }
}

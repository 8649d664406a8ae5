// SPDX-License-Identifier: Apache-2.0
#include "platform/xen/printf.hh"

#include <doctest/doctest.h>

#include <climits>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <string>

namespace {

[[gnu::format(printf, 2, 3)]] int print(std::string& text, const char* format, ...) {
    char buffer[64];
    va_list args;
    va_start(args, format);
    int length = click::xen::print_formatted(buffer, sizeof buffer, format, args);
    va_end(args);
    text = buffer;
    return length;
}

#define CHECK_AS_LIBC(...)                                                      \
    do {                                                                        \
        char expected[64];                                                      \
        int expected_length = snprintf(expected, sizeof expected, __VA_ARGS__); \
        std::string text;                                                       \
        CHECK(print(text, __VA_ARGS__) == expected_length);                     \
        CHECK(text == expected);                                                \
    } while (false)

}  // namespace

TEST_CASE("the guest's printf prints integers as the C library does") {
    CHECK_AS_LIBC("%d %i %u", -5, INT_MIN, UINT_MAX);
    CHECK_AS_LIBC("%lld", static_cast<long long>(INT64_MIN));
    CHECK_AS_LIBC("%llu", static_cast<unsigned long long>(UINT64_MAX));
    CHECK_AS_LIBC("%zu %ld", static_cast<size_t>(7), -8L);
    CHECK_AS_LIBC("%hhd %hd %hhx", 300, 70000, 0xABCD);
    CHECK_AS_LIBC("%016llx", 0xBEEFULL);
    CHECK_AS_LIBC("%02X %03o %04x", 10U, 8U, 0U);
    CHECK_AS_LIBC("[%5d] [%-5d] [%05d]", -42, -42, -42);
    CHECK_AS_LIBC("%0*d %.3d %.0d", 4, 5, 6, 0);
    CHECK_AS_LIBC("%p", reinterpret_cast<void*>(0x1234));
}

TEST_CASE("the guest's printf prints texts as the C library does, and says how long they would have been") {
    CHECK_AS_LIBC("%s|%6s|%-6s|%c|%%", "ab", "cd", "ef", 'g');
    CHECK_AS_LIBC("%.*s", 2, "abc");
    CHECK_AS_LIBC("%.5s", "abc");
    CHECK_AS_LIBC("%*s", -5, "abc");
    std::string longer(100, 'x');
    CHECK_AS_LIBC("%s", longer.c_str());
    CHECK(snprintf(nullptr, 0, "abc") == 3);
}

TEST_CASE("the guest's printf prints real numbers as the C library does") {
    for (double value : {0.0,
                         -0.0,
                         1.0,
                         0.5,
                         0.1,
                         1.0 / 3,
                         -2.5,
                         123456.0,
                         1234567.0,
                         0.0001,
                         0.00001,
                         1e22,
                         1e-7,
                         99999.95,
                         999999.5,
                         12345678901234.0,
                         1e300,
                         1e-300,
                         5e-324,
                         double{INFINITY},
                         -double{INFINITY}}) {
        CAPTURE(value);
        CHECK_AS_LIBC("%g", value);
        CHECK_AS_LIBC("%.12g", value);
    }
    CHECK_AS_LIBC("[%9g] [%-9g]", 1.5, -1.5);
}

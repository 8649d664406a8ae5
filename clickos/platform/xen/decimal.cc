// SPDX-License-Identifier: Apache-2.0
#include "platform/xen/decimal.hh"

#include <cstdint>

namespace click::xen {

namespace {

constexpr uint64_t kFull = UINT64_MAX / 10 - 1;
constexpr int kMaxExponent = 5000;  // beyond any long double

bool is_digit(char c) { return c >= '0' && c <= '9'; }

long double scale(long double value, int exponent) {
    for (; exponent > 0; exponent--) {
        value *= 10;
    }
    long double divisor = 1;
    for (; exponent < 0 && value != 0; exponent++) {
        divisor *= 10;
        if (divisor > 1e26L) {  // powers up to 10^27 are exact
            value /= divisor;
            divisor = 1;
        }
    }
    return value / divisor;
}

}  // namespace

double read_decimal(const char* text, const char** end) {
    const char* at = text;
    bool negative = *at == '-';
    if (*at == '-' || *at == '+') {
        at++;
    }
    uint64_t digits = 0;
    int exponent = 0;
    bool any = false;
    bool fraction = false;
    for (; is_digit(*at) || (*at == '.' && !fraction); at++) {
        if (*at == '.') {
            fraction = true;
            continue;
        }
        any = true;
        if (digits <= kFull) {
            digits = digits * 10 + static_cast<uint64_t>(*at - '0');
            exponent -= fraction ? 1 : 0;
        } else {
            exponent += fraction ? 0 : 1;
        }
    }
    if (any && (*at == 'e' || *at == 'E')) {
        const char* power = at + 1;
        bool small = *power == '-';
        if (*power == '-' || *power == '+') {
            power++;
        }
        if (is_digit(*power)) {
            int value = 0;
            for (; is_digit(*power); power++) {
                value = value < kMaxExponent ? value * 10 + (*power - '0') : value;
            }
            exponent += small ? -value : value;
            at = power;
        }
    }
    *end = any ? at : text;
    if (!any || digits == 0) {
        return negative ? -0.0 : 0.0;
    }
    double value = static_cast<double>(scale(static_cast<long double>(digits), exponent));
    return negative ? -value : value;
}

}  // namespace click::xen

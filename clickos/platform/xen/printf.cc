// SPDX-License-Identifier: Apache-2.0
// printf for the guest: a tenth of the size of musl's, which brings arithmetic on long decimal numbers and the texts of errno.
#include "platform/xen/printf.hh"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace click::xen {

namespace {

constexpr int kMaxDigits = 17;

/// A conversion: what stands between `%` and its letter.
struct Conversion {
    bool left = false;
    bool zeros = false;
    int width = 0;
    int precision = -1;
    int longs = 0;  // l and its kin count up, h down
};

class Printer {
public:
    Printer(char* buffer, size_t size) : _buffer(buffer), _size(size) {}

    void put(char c) {
        if (_length + 1 < _size) {
            _buffer[_length] = c;
        }
        _length++;
    }

    void put(std::string_view text) {
        for (char c : text) {
            put(c);
        }
    }

    void repeat(char c, int times) {
        for (; times > 0; times--) {
            put(c);
        }
    }

    /// A text of a sign or prefix and what follows it, padded to the width.
    void put_padded(const Conversion& how, std::string_view sign, std::string_view text, bool zeros) {
        int missing = how.width - static_cast<int>(sign.size() + text.size());
        if (!how.left && !zeros) {
            repeat(' ', missing);
        }
        put(sign);
        if (!how.left && zeros) {
            repeat('0', missing);
        }
        put(text);
        if (how.left) {
            repeat(' ', missing);
        }
    }

    void put_integer(const Conversion& how, std::string_view sign, uint64_t value, unsigned base, bool capital);
    void put_real(const Conversion& how, double value);

    int finish() {
        if (_size != 0) {
            _buffer[std::min(_length, _size - 1)] = '\0';
        }
        return static_cast<int>(_length);
    }

private:
    char* _buffer;
    size_t _size;
    size_t _length = 0;
};

void Printer::put_integer(const Conversion& how, std::string_view sign, uint64_t value, unsigned base, bool capital) {
    const char* digits = capital ? "0123456789ABCDEF" : "0123456789abcdef";
    char text[64];
    char* end = text + sizeof text;
    char* at = end;
    for (; value != 0; value /= base) {
        *--at = digits[value % base];
    }
    int least = std::min(how.precision < 0 ? 1 : how.precision, static_cast<int>(sizeof text));
    while (end - at < least) {
        *--at = '0';
    }
    put_padded(how, sign, {at, static_cast<size_t>(end - at)}, how.zeros && how.precision < 0);
}

/// As %g: so many significant digits, no zeros behind the last, an exponent where the point would be far from them.
void Printer::put_real(const Conversion& how, double value) {
    std::string_view sign = __builtin_signbit(value) ? "-" : "";
    if (__builtin_isnan(value) || __builtin_isinf(value)) {
        put_padded(how, sign, __builtin_isnan(value) ? "nan" : "inf", false);
        return;
    }
    int wanted = how.precision < 0 ? 6 : std::clamp(how.precision, 1, kMaxDigits);
    long double limit = 1;
    for (int i = 0; i < wanted; i++) {
        limit *= 10;
    }
    // Scaled to an integer of so many digits.
    long double scaled = __builtin_fabs(value);
    int exponent = scaled == 0 ? 0 : wanted - 1;
    for (; scaled != 0 && scaled < limit / 10; exponent--) {
        scaled *= 10;
    }
    for (; scaled >= limit; exponent++) {
        scaled /= 10;
    }
    auto whole = static_cast<uint64_t>(scaled);
    long double rest = scaled - static_cast<long double>(whole);
    whole += rest > 0.5L || (rest == 0.5L && whole % 2 == 1) ? 1 : 0;
    if (static_cast<long double>(whole) >= limit) {
        whole /= 10;
        exponent++;
    }
    char digits[kMaxDigits];
    for (int i = wanted; i-- > 0; whole /= 10) {
        digits[i] = static_cast<char>('0' + whole % 10);
    }
    int count = wanted;
    while (count > 1 && digits[count - 1] == '0') {
        count--;
    }
    char text[2 * kMaxDigits];
    Printer number(text, sizeof text);
    bool scientific = exponent < -4 || exponent >= wanted;
    int point = scientific ? 1 : exponent + 1;  // so many digits stand before it
    if (point <= 0) {
        number.put("0.");
        number.repeat('0', -point);
    }
    for (int i = 0; i < std::max(count, point); i++) {
        if (i == point && i > 0) {
            number.put('.');
        }
        number.put(i < count ? digits[i] : '0');
    }
    if (scientific) {
        number.put(exponent < 0 ? "e-" : "e+");
        number.put_integer({.precision = 2}, "", static_cast<uint64_t>(exponent < 0 ? -exponent : exponent), 10, false);
    }
    put_padded(how, sign, {text, static_cast<size_t>(number.finish())}, how.zeros);
}

int read_number(const char*& at, va_list args) {
    if (*at == '*') {
        at++;
        return va_arg(args, int);
    }
    int number = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        number = number * 10 + (*at - '0');
    }
    return number;
}

Conversion read_conversion(const char*& at, va_list args) {
    Conversion how;
    for (; *at == '-' || *at == '0'; at++) {
        (*at == '-' ? how.left : how.zeros) = true;
    }
    how.width = read_number(at, args);
    if (how.width < 0) {
        how.left = true;
        how.width = -how.width;
    }
    if (*at == '.') {
        at++;
        how.precision = read_number(at, args);
    }
    for (; *at != '\0' && std::strchr("hljtz", *at); at++) {
        how.longs += *at == 'h' ? -1 : 1;
    }
    return how;
}

int64_t read_signed(const Conversion& how, va_list args) {
    if (how.longs > 0) {
        return va_arg(args, int64_t);
    }
    int value = va_arg(args, int);
    return how.longs == 0 ? value : how.longs == -1 ? static_cast<short>(value) : static_cast<signed char>(value);
}

uint64_t read_unsigned(const Conversion& how, va_list args) {
    if (how.longs > 0) {
        return va_arg(args, uint64_t);
    }
    unsigned value = va_arg(args, unsigned);
    return how.longs == 0 ? value : how.longs == -1 ? value & 0xFFFF : value & 0xFF;
}

}  // namespace

int print_formatted(char* buffer, size_t size, const char* format, va_list args) {
    Printer out(buffer, size);
    for (const char* at = format; *at != '\0'; at++) {
        if (*at != '%') {
            out.put(*at);
            continue;
        }
        at++;
        Conversion how = read_conversion(at, args);
        switch (*at) {
            case 'c': {
                char c = static_cast<char>(va_arg(args, int));
                out.put_padded(how, "", {&c, 1}, false);
                break;
            }
            case 's': {
                const char* text = va_arg(args, const char*);
                size_t length = how.precision < 0 ? std::strlen(text) : 0;
                while (how.precision >= 0 && length < static_cast<size_t>(how.precision) && text[length] != '\0') {
                    length++;
                }
                out.put_padded(how, "", {text, length}, false);
                break;
            }
            case 'd':
            case 'i': {
                int64_t value = read_signed(how, args);
                uint64_t magnitude = value < 0 ? -static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
                out.put_integer(how, value < 0 ? "-" : "", magnitude, 10, false);
                break;
            }
            case 'u':
                out.put_integer(how, "", read_unsigned(how, args), 10, false);
                break;
            case 'o':
                out.put_integer(how, "", read_unsigned(how, args), 8, false);
                break;
            case 'x':
            case 'X':
                out.put_integer(how, "", read_unsigned(how, args), 16, *at == 'X');
                break;
            case 'p':
                out.put_integer(how, "0x", reinterpret_cast<uintptr_t>(va_arg(args, void*)), 16, false);
                break;
            case 'g':
                out.put_real(how, va_arg(args, double));
                break;
            case '%':
                out.put('%');
                break;
            default:  // -Wformat has refused what no printf knows; the rest shows as it is written
                out.put('%');
                at--;
                break;
        }
    }
    return out.finish();
}

}  // namespace click::xen

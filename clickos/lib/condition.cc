// SPDX-License-Identifier: Apache-2.0
#include "lib/condition.hh"

#include <algorithm>
#include <bit>

namespace click {

PacketTest PacketTest::word(uint8_t window, uint16_t offset, uint32_t mask, uint32_t value) {
    auto bytes = static_cast<unsigned>(mask == 0 ? 0 : 4 - std::countr_zero(mask) / 8);
    return {window, offset, static_cast<uint16_t>(offset + bytes), mask, value & mask};
}

PacketTest PacketTest::has_bytes(uint8_t window, uint16_t end) {
    return {window, static_cast<uint16_t>(end == 0 ? 0 : (end - 1) / 4 * 4), end, 0, 0};
}

bool PacketTest::matches(std::span<const PacketWindow> windows) const {
    const PacketWindow& bytes = windows[window];
    if (end > bytes.length) {
        return false;
    }
    uint32_t word = 0;
    for (unsigned i = 0; i < 4; ++i) {
        word = word << 8 | (offset + i < end ? bytes.data[offset + i] : 0U);
    }
    return (word & mask) == value;
}

Condition Condition::test(const PacketTest& test) {
    Condition condition(Kind::Test);
    condition._test = test;
    return condition;
}

Condition Condition::all(std::vector<Condition> parts) {
    Condition result(Kind::All);
    for (Condition& part : parts) {
        if (part._kind == Kind::Never) {
            return never();
        }
        if (part._kind == Kind::Always) {
            continue;
        }
        std::vector<Condition> single;
        std::vector<Condition>* inner = &part._parts;
        if (part._kind != Kind::All) {
            single.push_back(std::move(part));
            inner = &single;
        }
        for (Condition& one : *inner) {
            auto same_word = [&](const Condition& other) {
                return one._kind == Kind::Test && other._kind == Kind::Test && other._test.window == one._test.window &&
                       other._test.offset == one._test.offset;
            };
            auto found = std::find_if(result._parts.begin(), result._parts.end(), same_word);
            if (found == result._parts.end()) {
                result._parts.push_back(std::move(one));
            } else if (((found->_test.value ^ one._test.value) & found->_test.mask & one._test.mask) != 0) {
                return never();
            } else {
                found->_test.mask |= one._test.mask;
                found->_test.value |= one._test.value;
                found->_test.end = std::max(found->_test.end, one._test.end);
            }
        }
    }
    if (result._parts.empty()) {
        return always();
    }
    return result._parts.size() == 1 ? Condition(result._parts.front()) : result;
}

Condition Condition::any(std::vector<Condition> parts) {
    Condition result(Kind::Any);
    for (Condition& part : parts) {
        if (part._kind == Kind::Always) {
            return always();
        }
        if (part._kind == Kind::Any) {
            std::move(part._parts.begin(), part._parts.end(), std::back_inserter(result._parts));
        } else if (part._kind != Kind::Never) {
            result._parts.push_back(std::move(part));
        }
    }
    if (result._parts.empty()) {
        return never();
    }
    return result._parts.size() == 1 ? Condition(result._parts.front()) : result;
}

Condition Condition::negation(Condition part) {
    switch (part._kind) {
        case Kind::Always:
            return never();
        case Kind::Never:
            return always();
        case Kind::Not:
            return Condition(part._parts.front());
        default:
            break;
    }
    Condition result(Kind::Not);
    result._parts.push_back(std::move(part));
    return result;
}

Condition Condition::choice(Condition condition, Condition then, Condition otherwise) {
    Condition result(Kind::Choice);
    result._parts.push_back(std::move(condition));
    result._parts.push_back(std::move(then));
    result._parts.push_back(std::move(otherwise));
    return result;
}

namespace {

/// A field of `bytes` bytes cut at word borders, most significant part first: a mask and value for each word.
std::vector<PacketTest> cut_at_words(uint8_t window, uint16_t offset, unsigned bytes, uint32_t mask, uint32_t value) {
    std::vector<PacketTest> words;
    for (unsigned i = 0; i < bytes; ++i) {
        auto word = static_cast<uint16_t>((offset + i) & ~3U);
        if (words.empty() || words.back().offset != word) {
            words.push_back({window, word, word, 0, 0});
        }
        unsigned from = 8 * (bytes - 1 - i);
        unsigned to = 8 * (3 - ((offset + i) & 3U));
        words.back().mask |= (mask >> from & 0xff) << to;
        words.back().value |= (value & mask & 0xffU << from) >> from << to;
    }
    return words;
}

/// Greater than, within one word: the mask is taken run by run of equal bits of `value`, from the top.
Condition word_greater(const PacketTest& word, Condition rest) {
    std::vector<uint32_t> runs;
    for (uint32_t left = word.mask; left != 0;) {
        uint32_t run = 0;
        bool ones = (word.value & std::bit_floor(left)) != 0;
        while (left != 0 && ((word.value & std::bit_floor(left)) != 0) == ones) {
            run |= std::bit_floor(left);
            left ^= std::bit_floor(left);
        }
        runs.push_back(run);
    }
    Condition result = std::move(rest);
    for (size_t i = runs.size(); i-- > 0;) {
        uint32_t run = runs[i];
        if ((word.value & run) != 0) {
            result = Condition::all(
                {Condition::test(PacketTest::word(word.window, word.offset, run, run)), std::move(result)});
        } else {
            result = Condition::any(
                {Condition::negation(Condition::test(PacketTest::word(word.window, word.offset, run, 0))),
                 std::move(result)});
        }
    }
    return result;
}

}  // namespace

Condition Condition::greater(uint8_t window, uint16_t offset, unsigned bytes, uint32_t mask, uint32_t value,
                             bool or_equal) {
    std::vector<PacketTest> words = cut_at_words(window, offset, bytes, mask, value);
    Condition result = or_equal ? always() : never();
    for (size_t i = words.size(); i-- > 0;) {
        result = word_greater(words[i], std::move(result));
    }
    // Negated tests are true of bytes that are not there, hence the first one.
    return all({test(PacketTest::has_bytes(window, static_cast<uint16_t>(offset + bytes))), std::move(result)});
}

Condition Condition::equal(uint8_t window, uint16_t offset, unsigned bytes, uint32_t mask, uint32_t value) {
    std::vector<Condition> parts;
    for (const PacketTest& word : cut_at_words(window, offset, bytes, mask, value)) {
        if (word.mask != 0) {
            parts.push_back(test(PacketTest::word(window, word.offset, word.mask, word.value)));
        }
    }
    return all(std::move(parts));
}

bool Condition::matches(std::span<const PacketWindow> windows) const {
    auto true_of_packet = [&](const Condition& part) { return part.matches(windows); };
    switch (_kind) {
        case Kind::Always:
            return true;
        case Kind::Never:
            return false;
        case Kind::Test:
            return _test.matches(windows);
        case Kind::All:
            return std::all_of(_parts.begin(), _parts.end(), true_of_packet);
        case Kind::Any:
            return std::any_of(_parts.begin(), _parts.end(), true_of_packet);
        case Kind::Not:
            return !_parts[0].matches(windows);
        case Kind::Choice:
            return _parts[_parts[0].matches(windows) ? 1 : 2].matches(windows);
    }
    return false;
}

}  // namespace click

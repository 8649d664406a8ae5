// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace click {

/// Part of a packet from one of its headers to its end; offsets of tests count from `data`.
struct PacketWindow {
    const uint8_t* data = nullptr;
    uint32_t length = 0;
};

/// Are the bits `mask` of the 32-bit big-endian word at `offset` equal to `value`? False when the packet has fewer than
/// `end` bytes. A test with an empty mask asks for these bytes alone.
struct PacketTest {
    uint8_t window = 0;  ///< which of the program's windows
    uint16_t offset = 0;
    uint16_t end = 0;
    uint32_t mask = 0;
    uint32_t value = 0;

    /// Byte offsets are word aligned here; `mask` and `value` are host-order numbers of the big-endian word.
    static PacketTest word(uint8_t window, uint16_t offset, uint32_t mask, uint32_t value);
    /// Does the window have `end` bytes?
    static PacketTest has_bytes(uint8_t window, uint16_t end);
    bool matches(std::span<const PacketWindow> windows) const;

    friend bool operator==(const PacketTest&, const PacketTest&) = default;
};

/// A statement about a packet, made of tests.
class Condition {
public:
    enum class Kind : uint8_t { Always, Never, Test, All, Any, Not, Choice };

    static Condition always() { return Condition(Kind::Always); }
    static Condition never() { return Condition(Kind::Never); }
    static Condition test(const PacketTest& test);
    /// True when all parts are; tests of one word become one test.
    static Condition all(std::vector<Condition> parts);
    static Condition any(std::vector<Condition> parts);
    static Condition negation(Condition part);
    static Condition choice(Condition condition, Condition then, Condition otherwise);
    /// Are the bits of a field of up to four bytes at any byte offset greater than (or equal to) `value`?
    static Condition greater(uint8_t window, uint16_t offset, unsigned bytes, uint32_t mask, uint32_t value,
                             bool or_equal);
    static Condition equal(uint8_t window, uint16_t offset, unsigned bytes, uint32_t mask, uint32_t value);

    Kind kind() const { return _kind; }
    const PacketTest& test() const { return _test; }
    const std::vector<Condition>& parts() const { return _parts; }
    /// What a program computes, directly.
    bool matches(std::span<const PacketWindow> windows) const;

private:
    explicit Condition(Kind kind) : _kind(kind) {}

    Kind _kind;
    PacketTest _test;
    std::vector<Condition> _parts;
};

}  // namespace click

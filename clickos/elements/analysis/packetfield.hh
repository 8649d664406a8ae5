// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/args.hh>

namespace click {

/// Adjacent bits of a packet, counted from where `base` begins.
struct PacketField {
    enum class Base : uint8_t { Ip, Transport, Data };
    static constexpr unsigned kMostBits = 32;
    static constexpr int kAnyProtocol = -1;

    Base base = Base::Ip;
    int protocol = kAnyProtocol;
    uint32_t offset = 0;
    uint32_t bits = 0;
    uint32_t cut = 0;  ///< bits of an IP address behind it
};

/// Reads a field as AggregateIP's documentation says: `ip src/8`, `tcp[13]`, or a name from an IPFieldInfo.
bool parse_arg(std::string_view text, PacketField& value, ArgContext& context);

/// An element that gives names to fields. Found by `Element::as<FieldBook>()`.
class FieldBook {
public:
    virtual const PacketField* find_field(std::string_view name) const = 0;

protected:
    ~FieldBook() = default;
};

}  // namespace click

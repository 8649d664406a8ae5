// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/args.hh>
#include <click/errorhandler.hh>
#include <click/packet.hh>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "net/icmp.hh"

namespace click {

/// What an error message says: its type and code.
struct IcmpErrorKind {
    int type = 0;
    int code = 0;
};

/// How a version of ICMP calls them in configurations. `type` and `code` return -1 for what is neither name nor number.
struct IcmpErrorNames {
    const char* protocol;
    int (*type)(std::string_view text);
    int (*code)(std::string_view text, uint8_t type);
    bool (*is_error)(int type);
};

/// The arguments TYPE and CODE of an element that makes error messages, before they are understood.
struct IcmpErrorWords {
    std::string type;
    std::string code = "0";

    Args& read(Args& args) { return args.mandatory("TYPE", type).optional("CODE", code); }
};

/// What these words mean. Negative after a report.
inline int read_icmp_error(const IcmpErrorNames& names, const IcmpErrorWords& words, IcmpErrorKind& kind,
                           ErrorHandler& errh) {
    int type_number = names.type(words.type);
    if (type_number < 0) {
        return errh.error("argument 2 takes %s type (integer or name)", names.protocol);
    }
    if (!names.is_error(type_number)) {
        return errh.error("%s type %d is not an error type", names.protocol, type_number);
    }
    int code_number = names.code(words.code, static_cast<uint8_t>(type_number));
    if (code_number < 0) {
        return errh.error("argument 3 takes %s code (integer or name)", names.protocol);
    }
    kind = {type_number, code_number};
    return 0;
}

/// A message about `packet`, of at most `most` bytes: room for an IP header of `header_length` bytes, type and code, and
/// behind the ICMP header as much of the packet as there is and fits. Null when memory is exhausted.
inline PacketPtr quote_in_error(const Packet& packet, IcmpErrorKind kind, uint32_t header_length, uint32_t most) {
    const uint32_t headers = header_length + uint32_t{sizeof(IcmpHeader)};
    uint32_t quoted = std::min(packet.network_length(), most - headers);
    PacketPtr error = Packet::make(nullptr, headers + quoted);
    if (!error) {
        return {};
    }
    error->copy_annotations(packet);
    error->set_type(Packet::Type::Host);
    error->set_network_header(error->data(), header_length);
    auto* icmp = reinterpret_cast<IcmpHeader*>(error->mutable_transport_header());
    *icmp = {static_cast<uint8_t>(kind.type), static_cast<uint8_t>(kind.code), 0, {}};
    std::memcpy(error->mutable_transport_header() + sizeof(IcmpHeader), packet.network_header(), quoted);
    return error;
}

}  // namespace click

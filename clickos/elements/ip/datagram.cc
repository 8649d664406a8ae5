// SPDX-License-Identifier: Apache-2.0
#include "elements/ip/datagram.hh"

#include <algorithm>
#include <cstring>

#include "lang/confparse.hh"
#include "lib/format.hh"
#include "net/transport.hh"

namespace click {

namespace {

void append_hexadecimal(const uint8_t* bytes, uint32_t count, std::string& text) {
    constexpr char kDigits[] = "0123456789abcdef";
    text += ' ';
    for (uint32_t i = 0; i < count; ++i) {
        text += kDigits[bytes[i] >> 4];
        text += kDigits[bytes[i] & 0xf];
    }
}

bool take_hexadecimal(std::string_view& text, std::vector<uint8_t>& bytes) {
    auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : (c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1); };
    std::string_view word = take_word(text);
    for (size_t i = 0; i + 1 < word.size(); i += 2) {
        int high = digit(word[i]);
        int low = digit(word[i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        bytes.push_back(static_cast<uint8_t>(high << 4 | low));
    }
    return !word.empty() && word.size() % 2 == 0;
}

bool take_upto(std::string_view& text, uint64_t most, uint64_t& number) {
    return parse_unsigned(take_word(text), number) && number <= most;
}

}  // namespace

void DatagramRecord::append(const DatagramKey& key, const Datagram& datagram, uint32_t age, std::string& text) {
    text += IPAddress(key.source).unparse() + ' ' + IPAddress(key.destination).unparse() +
            format(" %u %u %u", net16(static_cast<uint16_t>(key.id_and_protocol >> 8)), key.id_and_protocol & UINT8_MAX,
                   age);
    if (datagram.wrong) {
        return;
    }
    const Reassembly& bytes = datagram.bytes;
    text += format(" %u %u %u %u", datagram.longest, bytes.length(), datagram.lead, datagram.link);
    append_hexadecimal(datagram.packet->data() - datagram.headers(), datagram.headers(), text);
    for (auto one = bytes.stretch(0); one.begin < one.end; one = bytes.stretch(one.end)) {
        text += format(" %u", one.begin);
        append_hexadecimal(datagram.packet->data() + one.begin, one.end - one.begin, text);
    }
}

bool DatagramRecord::parse(std::string_view line) {
    IPAddress source;
    IPAddress destination;
    uint64_t id;
    uint64_t protocol;
    if (!parse_ip_address(take_word(line), source) || !parse_ip_address(take_word(line), destination) ||
        !take_upto(line, UINT16_MAX, id) || !take_upto(line, UINT8_MAX, protocol) ||
        !take_upto(line, UINT32_MAX, age)) {
        return false;
    }
    key = {source.network_order(), destination.network_order(),
           uint32_t{net16(static_cast<uint16_t>(id))} << 8 | static_cast<uint32_t>(protocol)};
    datagram.wrong = trim(line).empty();
    return datagram.wrong || (parse_headers(line) && parse_stretches(line));
}

bool DatagramRecord::parse_headers(std::string_view& line) {
    uint64_t longest;
    uint64_t lead;
    uint64_t link;
    if (!take_upto(line, kMaxIpLength, longest) || !take_upto(line, kMaxIpLength, length) ||
        !take_upto(line, Datagram::kMostLead, lead) || !take_upto(line, Datagram::kMostLead, link) ||
        !take_hexadecimal(line, headers)) {
        return false;
    }
    const size_t before = std::max(lead, link);
    IpHeader ip;
    if (headers.size() < before + sizeof ip) {
        return false;
    }
    std::memcpy(&ip, headers.data() + before, sizeof ip);
    datagram.longest = static_cast<uint16_t>(longest);
    datagram.lead = static_cast<uint8_t>(lead);
    datagram.link = static_cast<uint8_t>(link);
    datagram.header = static_cast<uint8_t>(ip.header_length());
    datagram.fragment = net16(ip.fragment);
    return ip.version() == 4 && datagram.headers() == headers.size() && ip.header_length() >= sizeof ip &&
           ip.source == key.source && ip.destination == key.destination &&
           (uint32_t{ip.id} << 8 | ip.protocol) == key.id_and_protocol;
}

/// Stretches have gaps between them, and there is one more if the end is known: else the packet had been whole.
bool DatagramRecord::parse_stretches(std::string_view line) {
    uint32_t end = 0;
    bool whole = length != 0;
    while (!trim(line).empty()) {
        uint64_t offset;
        Stretch one;
        if (!take_upto(line, kMaxIpLength, offset) || offset % Reassembly::kUnit != 0 ||
            (!stretches.empty() && offset <= end) || !take_hexadecimal(line, one.bytes)) {
            return false;
        }
        whole &= offset == end;
        one.offset = static_cast<uint32_t>(offset);
        end = one.end();
        stretches.push_back(std::move(one));
        const bool last = end == length && trim(line).empty();
        if (end + datagram.header > kMaxIpLength || (end % Reassembly::kUnit != 0 && !last)) {
            return false;
        }
    }
    return !stretches.empty() && !whole && (length == 0 || end == length);
}

}  // namespace click

// SPDX-License-Identifier: Apache-2.0
#include "elements/ipsec/association.hh"

#include <cstring>
#include <new>

#include "lang/confparse.hh"
#include "lib/format.hh"
#include "net/esp.hh"
#include "net/ip.hh"
#include "platform/platform.hh"

namespace click {

namespace {

/// Where an association's text has its keys.
constexpr size_t kEncryptionKey = 1;
constexpr size_t kAuthenticationKey = 2;
constexpr size_t kLeastWords = 3;
constexpr size_t kMostWords = 6;

/// Not optimized away, although nobody reads it again.
void wipe(void* memory, size_t size) {
    std::memset(memory, 0, size);
    asm volatile("" : : "r"(memory) : "memory");
}

/// A key's bytes, for as long as it is needed.
class Key {
public:
    Key() = default;
    Key(const Key&) = delete;
    Key& operator=(const Key&) = delete;
    ~Key() { wipe(_bytes.data(), _bytes.size()); }

    /// Reads hexadecimal digits, with or without `0x`.
    bool read(std::string_view text) {
        if (text.starts_with("0x") || text.starts_with("0X")) {
            text.remove_prefix(2);
        }
        if (text.empty() || text.size() % 2 != 0 || text.size() > 2 * _bytes.size()) {
            return false;
        }
        for (char one : text) {
            unsigned letter = (static_cast<unsigned char>(one) | 0x20U) - 'a';
            unsigned digit = static_cast<unsigned char>(one) - unsigned{'0'};
            if (letter >= 6 && digit >= 10) {
                return false;
            }
            uint8_t& byte = _bytes[_digits++ / 2];
            byte = static_cast<uint8_t>(byte << 4 | (digit < 10 ? digit : letter + 10));
        }
        return true;
    }
    std::span<const uint8_t> bytes() const { return {_bytes.data(), _digits / 2}; }

private:
    std::array<uint8_t, 36> _bytes{};
    size_t _digits = 0;
};

std::array<uint8_t, 32> fingerprint_of(const Key& key, const Key& authentication_key) {
    br_sha256_context hash;
    br_sha256_init(&hash);
    br_sha256_update(&hash, key.bytes().data(), key.bytes().size());
    br_sha256_update(&hash, authentication_key.bytes().data(), authentication_key.bytes().size());
    std::array<uint8_t, 32> result;
    br_sha256_out(&hash, result.data());
    wipe(&hash, sizeof hash);
    return result;
}

bool is_padding(const uint8_t* bytes, size_t length) {
    for (size_t i = 0; i < length; ++i) {
        if (bytes[i] != i + 1) {
            return false;
        }
    }
    return true;
}

}  // namespace

void AssociationRelease::operator()(Association* association) const {
    association->~Association();
    wipe(static_cast<void*>(association), sizeof *association);
    platform::give_back_memory(association);
}

AssociationPtr Association::make(std::span<const std::string> words, const Element* element, ErrorHandler& errh) {
    if (words.size() < kLeastWords || words.size() > kMostWords) {
        errh.error("expected 'SPI ENC_KEY AUTH_KEY [REPLAY [OOWIN]] [ESN]'");
        return {};
    }
    const int errors = errh.error_count();
    const bool esn = words.back() == "ESN";
    auto number = [&](size_t index, const char* name, uint64_t low, uint64_t high, uint64_t otherwise) {
        uint64_t value = otherwise;
        if (index < words.size() - (esn ? 1 : 0)) {
            ArgContext context(element, errh, name);
            int64_t parsed;
            if (parse_integer(words[index], static_cast<int64_t>(low), high, parsed, context)) {
                value = static_cast<uint64_t>(parsed);
            }
        }
        return value;
    };
    const auto spi = static_cast<uint32_t>(number(0, "SPI", 1, UINT32_MAX, 0));
    const uint64_t replay = number(3, "REPLAY", 0, esn ? INT64_MAX : UINT32_MAX - 1, 0);
    const auto window =
        static_cast<uint32_t>(number(4, "OOWIN", ReplayWindow::kLeast, ReplayWindow::kMost, ReplayWindow::kLeast));
    if (words.size() == kMostWords && !esn) {
        errh.error("expected 'ESN' behind OOWIN");
    }
    Key key;
    Key authentication_key;
    const bool gcm = words[kAuthenticationKey] == "-";
    if (!key.read(words[kEncryptionKey])) {
        errh.error("ENC_KEY: expected pairs of hexadecimal digits, at most 72");
    } else if (!gcm && !authentication_key.read(words[kAuthenticationKey])) {
        errh.error("AUTH_KEY: expected pairs of hexadecimal digits, at most 72, or '-'");
    } else if (size_t length = key.bytes().size();
               gcm && !EspTransform::is_aes_key(length - EspTransform::kSaltLength)) {
        errh.error("ENC_KEY: has %zu bytes; AES-GCM takes a key of 16, 24 or 32 and a salt of 4", length);
    } else if (!gcm && !EspTransform::is_aes_key(length)) {
        errh.error("ENC_KEY: has %zu bytes; AES-CBC takes 16, 24 or 32", length);
    } else if (size_t other = authentication_key.bytes().size();
               !gcm && other != EspTransform::kAuthenticationKeyLength) {
        errh.error("AUTH_KEY: has %zu bytes; HMAC-SHA-256 takes 32", other);
    }
    if (errh.error_count() != errors) {
        return {};
    }
    void* memory = platform::take_memory(sizeof(Association), true);
    if (!memory) {
        errh.error("out of memory: no room for an association");
        return {};
    }
    AssociationPtr made(new (memory) Association);
    made->_spi = spi;
    made->_esn = esn;
    made->_nonce = platform::entropy();
    made->_window.start(window, replay);
    made->_fingerprint = fingerprint_of(key, authentication_key);
    if (gcm) {
        made->_transform.use_gcm(key.bytes());
    } else {
        made->_transform.use_cbc(key.bytes(), authentication_key.bytes());
    }
    return made;
}

std::string Association::show() const {
    return format("0x%08x %s-%u %llu %u %llu %llu%s", _spi, _transform.is_gcm() ? "aes-gcm" : "aes-cbc-hmac-sha256",
                  _transform.key_bits(), static_cast<unsigned long long>(_window.last()), _window.size(),
                  static_cast<unsigned long long>(_packets), static_cast<unsigned long long>(_bytes),
                  _esn ? " ESN" : "");
}

PacketPtr Association::seal(PacketPtr packet, uint8_t next_header) {
    const auto length = packet->length();
    const auto beginning = static_cast<uint32_t>(sizeof(EspHeader) + _transform.iv_length());
    // To whole blocks of AES, also where ESP asks for less (RFC 4303 2.4 allows it): that halves what GCM costs a short packet.
    const uint32_t padding = -(length + uint32_t{sizeof(EspTrailer)}) & uint32_t{EspTransform::kBlock - 1};
    const uint32_t text = length + padding + uint32_t{sizeof(EspTrailer)};
    packet = prepend(std::move(packet), beginning);
    if (packet) {
        packet = extend(std::move(packet), text - length + uint32_t{EspTransform::kIcvLength});
    }
    if (!packet) {
        return {};
    }
    const uint64_t number = _window.last() + 1;
    _window.accept(number);
    uint8_t* data = packet->mutable_data();
    *reinterpret_cast<EspHeader*>(data) = {net32(_spi), net32(static_cast<uint32_t>(number))};
    _transform.write_iv(data + sizeof(EspHeader), _nonce++);
    uint8_t* end = data + beginning + length;
    for (uint32_t i = 0; i < padding; ++i) {
        *end++ = static_cast<uint8_t>(i + 1);
    }
    *reinterpret_cast<EspTrailer*>(end) = {static_cast<uint8_t>(padding), next_header};
    const auto high = static_cast<uint32_t>(number >> 32);
    _transform.seal(data, text, _esn ? &high : nullptr);
    ++_packets;
    _bytes += length;
    return packet;
}

Association::Opened Association::open(Packet& packet, uint8_t& next_header) {
    const auto beginning = static_cast<uint32_t>(sizeof(EspHeader) + _transform.iv_length());
    const uint32_t overhead = beginning + uint32_t{EspTransform::kIcvLength};
    if (packet.length() < overhead + _transform.alignment() ||
        (packet.length() - overhead) % _transform.alignment() != 0) {
        return Opened::Truncated;
    }
    const uint32_t text = packet.length() - overhead;
    const auto low = net32(data_header<EspHeader>(packet)->number);
    const uint64_t number = _esn ? _window.extend(low) : low;
    if (!_window.fresh(number)) {
        return Opened::Replayed;
    }
    const auto high = static_cast<uint32_t>(number >> 32);
    if (!_transform.open(packet.mutable_data(), text, _esn ? &high : nullptr)) {
        return Opened::Forged;
    }
    _window.accept(number);
    const uint8_t* end = packet.data() + beginning + text - sizeof(EspTrailer);
    const EspTrailer trailer = *reinterpret_cast<const EspTrailer*>(end);
    if (trailer.padding + sizeof trailer > text || !is_padding(end - trailer.padding, trailer.padding)) {
        return Opened::BadPadding;
    }
    next_header = trailer.next_header;
    packet.pull(beginning);
    packet.take(uint32_t{EspTransform::kIcvLength} + uint32_t{sizeof trailer} + trailer.padding);
    ++_packets;
    _bytes += packet.length();
    return Opened::Good;
}

void keep_keys(std::span<const std::string> words, Secrets& secrets) {
    for (size_t i : {kEncryptionKey, kAuthenticationKey}) {
        if (i < words.size() && words[i] != "-") {
            secrets.keep(words[i]);
        }
    }
}

bool read_associations(const std::string& path, std::vector<AssociationPtr>& associations, const Element* element,
                       ErrorHandler& errh) {
    constexpr size_t kLongest = 1 << 20;
    std::string text;
    std::string cause;
    if (!platform::read_file(path, kLongest, text, cause)) {
        errh.error("%s: %s", path.c_str(), cause.c_str());
        return false;
    }
    const int errors = errh.error_count();
    std::string_view rest = text;
    for (unsigned line = 1; !rest.empty(); ++line) {
        size_t end = rest.find('\n');
        std::string_view one = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        one = trim(one.substr(0, one.find('#')));
        if (one.empty()) {
            continue;
        }
        PrefixErrorHandler numbered(errh, format("%s:%u: ", path.c_str(), line));
        if (AssociationPtr made = Association::make(split_words(one), element, numbered)) {
            associations.push_back(std::move(made));
        }
    }
    wipe(text.data(), text.size());
    return errh.error_count() == errors;
}

}  // namespace click

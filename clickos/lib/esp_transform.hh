// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bearssl.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace click {

/// Encrypts and authenticates ESP packets, in place, with the keys of one security association: AES-GCM with an integrity
/// check value of 16 bytes (RFC 4106), or AES-CBC (RFC 3602) with HMAC-SHA-256-128 (RFC 4868).
///
/// The ciphers are BearSSL's: without branches or memory accesses that depend on keys, and with the processor's instructions
/// for AES and GHASH where it has them.
class EspTransform {
public:
    static constexpr size_t kBlock = 16;
    static constexpr size_t kIcvLength = 16;
    static constexpr size_t kSaltLength = 4;
    static constexpr size_t kAuthenticationKeyLength = 32;

    EspTransform() = default;
    EspTransform(const EspTransform&) = delete;  // the cipher's contexts point into each other
    EspTransform& operator=(const EspTransform&) = delete;

    static bool is_aes_key(size_t length) { return length == 16 || length == 24 || length == 32; }
    /// `key` is an AES key and its salt, as RFC 4106 8.1 has them.
    void use_gcm(std::span<const uint8_t> key);
    void use_cbc(std::span<const uint8_t> key, std::span<const uint8_t> authentication_key);

    bool is_gcm() const { return _gcm; }
    unsigned key_bits() const { return static_cast<unsigned>(_key_length * 8); }
    size_t iv_length() const { return _gcm ? 8 : 16; }
    /// What the length of the encrypted part is a multiple of; AES-GCM needs no more than ESP itself does.
    size_t alignment() const { return _gcm ? 4 : kBlock; }

    /// Writes the initialization vector of a packet. No two packets of one key may have the same `nonce`. That of CBC is what
    /// the cipher makes of it (NIST SP 800-38A, appendix C), since nobody may foresee it.
    void write_iv(uint8_t* iv, uint64_t nonce) const;

    /// A packet: ESP header, initialization vector, `length` bytes that are or will be encrypted, and the integrity check
    /// value. `high` is the upper half of a sequence number of 64 bits, null where these have 32.
    void seal(uint8_t* packet, size_t length, const uint32_t* high) const;
    /// False, and the contents are spoiled, when the packet is not authentic.
    [[nodiscard]] bool open(uint8_t* packet, size_t length, const uint32_t* high) const;

private:
    void run_gcm(br_gcm_context& gcm, uint8_t* packet, size_t length, const uint32_t* high, bool encrypt) const;
    void authenticate(const uint8_t* packet, size_t length, const uint32_t* high, uint8_t* icv) const;

    bool _gcm = true;
    size_t _key_length = 0;
    uint8_t _salt[kSaltLength] = {};
    br_aes_gen_ctr_keys _counter;
    br_gcm_context _gcm_keys;  ///< made of these keys once, copied for each packet
    br_aes_gen_cbcenc_keys _encryption;
    br_aes_gen_cbcdec_keys _decryption;
    br_hmac_key_context _authentication;
};

}  // namespace click

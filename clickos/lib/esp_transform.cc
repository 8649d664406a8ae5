// SPDX-License-Identifier: Apache-2.0
#include "lib/esp_transform.hh"

#include <cstring>

#include "net/esp.hh"
#include "net/ipaddress.hh"

namespace click {

namespace {

/// BearSSL's class with the processor's AES instructions, where it has them.
template <typename Class>
const Class* fastest(const Class* hardware, const Class& portable) {
    return hardware ? hardware : &portable;
}

/// In network order.
void write32(uint8_t* to, uint32_t value) {
    value = net32(value);
    std::memcpy(to, &value, sizeof value);
}

/// In the same time wherever they differ.
bool same_icv(const uint8_t* one, const uint8_t* other) {
    unsigned difference = 0;
    for (size_t i = 0; i < EspTransform::kIcvLength; ++i) {
        difference |= static_cast<unsigned>(one[i] ^ other[i]);
    }
    return difference == 0;
}

}  // namespace

void EspTransform::use_gcm(std::span<const uint8_t> key) {
    _gcm = true;
    _key_length = key.size() - kSaltLength;
    std::memcpy(_salt, key.data() + _key_length, kSaltLength);
    fastest(br_aes_x86ni_ctr_get_vtable(), br_aes_ct64_ctr_vtable)->init(&_counter.vtable, key.data(), _key_length);
    br_ghash ghash = br_ghash_pclmul_get();
    br_gcm_init(&_gcm_keys, &_counter.vtable, ghash ? ghash : br_ghash_ctmul64);
}

void EspTransform::use_cbc(std::span<const uint8_t> key, std::span<const uint8_t> authentication_key) {
    _gcm = false;
    _key_length = key.size();
    fastest(br_aes_x86ni_cbcenc_get_vtable(), br_aes_ct64_cbcenc_vtable)
        ->init(&_encryption.vtable, key.data(), key.size());
    fastest(br_aes_x86ni_cbcdec_get_vtable(), br_aes_ct64_cbcdec_vtable)
        ->init(&_decryption.vtable, key.data(), key.size());
    br_hmac_key_init(&_authentication, &br_sha256_vtable, authentication_key.data(), authentication_key.size());
}

void EspTransform::write_iv(uint8_t* iv, uint64_t nonce) const {
    std::memset(iv, 0, iv_length());
    std::memcpy(iv, &nonce, sizeof nonce);
    if (!_gcm) {
        uint8_t nothing[16] = {};
        _encryption.vtable->run(&_encryption.vtable, nothing, iv, iv_length());
    }
}

void EspTransform::seal(uint8_t* packet, size_t length, const uint32_t* high) const {
    uint8_t* text = packet + sizeof(EspHeader) + iv_length();
    uint8_t* icv = text + length;
    if (_gcm) {
        br_gcm_context gcm = _gcm_keys;
        run_gcm(gcm, packet, length, high, true);
        br_gcm_get_tag(&gcm, icv);
        return;
    }
    uint8_t iv[16];
    std::memcpy(iv, packet + sizeof(EspHeader), sizeof iv);
    _encryption.vtable->run(&_encryption.vtable, iv, text, length);
    authenticate(packet, length, high, icv);
}

bool EspTransform::open(uint8_t* packet, size_t length, const uint32_t* high) const {
    uint8_t* text = packet + sizeof(EspHeader) + iv_length();
    const uint8_t* icv = text + length;
    if (_gcm) {
        br_gcm_context gcm = _gcm_keys;
        run_gcm(gcm, packet, length, high, false);
        return br_gcm_check_tag(&gcm, icv) != 0;
    }
    uint8_t right[kIcvLength];
    authenticate(packet, length, high, right);
    if (!same_icv(right, icv)) {
        return false;
    }
    uint8_t iv[16];
    std::memcpy(iv, packet + sizeof(EspHeader), sizeof iv);
    _decryption.vtable->run(&_decryption.vtable, iv, text, length);
    return true;
}

void EspTransform::run_gcm(br_gcm_context& gcm, uint8_t* packet, size_t length, const uint32_t* high,
                           bool encrypt) const {
    uint8_t* iv = packet + sizeof(EspHeader);
    uint8_t nonce[12];
    std::memcpy(nonce, _salt, kSaltLength);
    std::memcpy(nonce + kSaltLength, iv, sizeof nonce - kSaltLength);
    br_gcm_reset(&gcm, nonce, sizeof nonce);
    if (high) {
        // RFC 4106 5: the upper half of the number, which is not sent, stands between the index and the lower half.
        uint8_t associated[12];
        std::memcpy(associated, packet, 4);
        write32(associated + 4, *high);
        std::memcpy(associated + 8, packet + 4, 4);
        br_gcm_aad_inject(&gcm, associated, sizeof associated);
    } else {
        br_gcm_aad_inject(&gcm, packet, sizeof(EspHeader));
    }
    br_gcm_flip(&gcm);
    br_gcm_run(&gcm, encrypt ? 1 : 0, iv + iv_length(), length);
}

void EspTransform::authenticate(const uint8_t* packet, size_t length, const uint32_t* high, uint8_t* icv) const {
    br_hmac_context hmac;
    br_hmac_init(&hmac, &_authentication, kIcvLength);
    br_hmac_update(&hmac, packet, sizeof(EspHeader) + iv_length() + length);
    if (high) {
        uint8_t tail[4];
        write32(tail, *high);
        br_hmac_update(&hmac, tail, sizeof tail);
    }
    br_hmac_out(&hmac, icv);
}

}  // namespace click

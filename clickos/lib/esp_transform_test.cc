// SPDX-License-Identifier: Apache-2.0
#include "lib/esp_transform.hh"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace click {

namespace {

using Bytes = std::vector<uint8_t>;

Bytes bytes(std::string_view hex) {
    Bytes result;
    for (size_t i = 0; i + 1 < hex.size(); i += 2) {
        result.push_back(static_cast<uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
    }
    return result;
}

/// One after the other.
Bytes joined(std::initializer_list<std::string_view> parts) {
    std::string all;
    for (std::string_view part : parts) {
        all += part;
    }
    return bytes(all);
}

struct Case {
    std::string_view header;
    std::string_view iv;
    std::string_view plain;
    std::string_view sealed;  ///< and the integrity check value
};

/// The packet becomes what the case says, and that the packet again; spoiled anywhere it is refused.
void check(const EspTransform& transform, const Case& one, const uint32_t* high) {
    const std::string_view no_icv = "00000000000000000000000000000000";
    Bytes plain = joined({one.header, one.iv, one.plain, no_icv});
    const Bytes sealed = joined({one.header, one.iv, one.sealed});
    const size_t length = one.plain.size() / 2;
    Bytes packet = plain;
    transform.seal(packet.data(), length, high);
    CHECK(packet == sealed);
    REQUIRE(transform.open(packet.data(), length, high));
    packet.resize(packet.size() - EspTransform::kIcvLength);
    plain.resize(packet.size());
    CHECK(packet == plain);
    for (size_t i = 0; i < sealed.size(); ++i) {
        packet = sealed;
        packet[i] ^= static_cast<uint8_t>(1U << i % 8);
        CHECK(!transform.open(packet.data(), length, high));
    }
    packet = sealed;
    const uint32_t other = high ? *high + 1 : 0;
    CHECK(!transform.open(packet.data(), length, &other));
}

}  // namespace

TEST_CASE("AES-GCM: a test case of draft-mcgrew-gcm-test-01 with 32-bit sequence numbers") {
    EspTransform transform;
    transform.use_gcm(bytes("feffe9928665731c6d6a8f9467308308cafebabe"));
    CHECK(transform.key_bits() == 128);
    check(transform,
          {"0000a5f80000000a", "facedbaddecaf888",
           "4500003e698f000080114dccc0a80102c0a801010a980035002a2343b2d001000001000000000000037369700963796265726369"
           "747902646b00000100010001",
           "deb22cd9b07c72c16e3a65beeb8df304a5a5897d33ae530f1ba76d5d114d2a5c3de81827c10e9a4f51330d0eec416642cfbb85a5"
           "b47e48a4ec3b9ba95d918bd183b70d3aa8bc6ee4c309e9d85a41ad4a"},
          nullptr);
}

TEST_CASE("AES-GCM: a test case of the same draft with a key of 192 bits") {
    EspTransform transform;
    transform.use_gcm(bytes("feffe9928665731c6d6a8f9467308308feffe9928665731ccafebabe"));
    CHECK(transform.key_bits() == 192);
    check(transform,
          {"0000a5f80000000a", "facedbaddecaf888",
           "45000028a4ad4000400678800a01038f0a010612802306b8cb712602dd6bb03e501016d075680001",
           "a5b1f8066029aea40e598b8122de02420938b3ab33f828e687b8858b5bfbdbd0315b27452144cc7795457b9652037f5318027b5b"
           "4cd7a636"},
          nullptr);
}

TEST_CASE("AES-GCM: a test case of the same draft with 64-bit sequence numbers") {
    EspTransform transform;
    transform.use_gcm(bytes("4c80cdefbb5d10da906ac73c3613a6342e443b68"));
    const uint32_t high = 0x87654321;
    check(transform,
          {"0000432100000000", "4956ed7e3b244cfe",
           "45000048699a000080114db7c0a80102c0a801010a9bf15638d301000001000000000000045f736970045f756470037369700963"
           "796265726369747902646b000021000101020201",
           "fecf537e729d5b07dc30df528dd22b768d1b98736696a6fd348509fa13ceac34cfa2436f14a3f3cf65925bf1f4a13c5d15b21e18"
           "84f5ff6247aeabb786b93bce61bc17d768fd9732459018148f6cbe722fd04796562dfdb4"},
          &high);
}

TEST_CASE("AES-CBC: case 5 of RFC 3602, authenticated as Python's hmac does it") {
    EspTransform transform;
    transform.use_cbc(bytes("90d382b410eeba7ad938c46cec1a82bf"),
                      bytes("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"));
    CHECK(transform.iv_length() == 16);
    constexpr std::string_view kPlain =
        "08000ebda70a00008e9c083db95b070008090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627"
        "28292a2b2c2d2e2f30313233343536370102030405060708090a0b0c0d0e0e01";
    const std::string encrypted =
        "f663c25d325c18c6a9453e194e120849a4870b66cc6b9965330013b4898dc856a4699e523a55db080b59ec3a8e4b7e52"
        "775b07d1db34ed9c538ab50c551b874aa269add047ad2d5913ac19b7cfbad4a6";
    const std::string_view header = "0000432100000001";
    const std::string_view iv = "e96e8c08ab465763fd098d45dd3ff893";
    check(transform, {header, iv, kPlain, encrypted + "29dcb883222069e2a5465186d6e51f05"}, nullptr);
    const uint32_t high = 7;
    check(transform, {header, iv, kPlain, encrypted + "be3c4ddaa1c834733c8a93af791ecb6a"}, &high);
}

TEST_CASE("initialization vectors: a counter for GCM, what nobody foresees for CBC") {
    EspTransform gcm;
    gcm.use_gcm(bytes("feffe9928665731c6d6a8f9467308308cafebabe"));
    uint8_t iv[16] = {};
    gcm.write_iv(iv, 0x0102030405060708);
    CHECK(Bytes(iv, iv + 8) == bytes("0807060504030201"));
    EspTransform cbc;
    cbc.use_cbc(bytes("2b7e151628aed2a6abf7158809cf4f3c"), Bytes(32));
    cbc.write_iv(iv, 0);
    CHECK(Bytes(iv, iv + 16) == bytes("7df76b0c1ab899b33e42f047b91b546f"));
}

}  // namespace click

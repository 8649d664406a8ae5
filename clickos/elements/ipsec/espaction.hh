// SPDX-License-Identifier: Apache-2.0
/*
=block esp-keys
=item ENC_KEY
In hexadecimal. For AES-GCM with an integrity check value of 16 bytes (RFC 4106): 16, 24 or 32 bytes of key and 4 of salt, as
C<ip xfrm> and key exchanges have them. For AES-CBC: 16, 24 or 32 bytes.
=item AUTH_KEY
C<-> for AES-GCM; for AES-CBC the 32 bytes of HMAC-SHA-256-128 (RFC 4868), in hexadecimal.
*/
#pragma once
#include <click/element.hh>
#include <click/secrets.hh>

#include <array>

namespace click {

/// Base of the ends of ESP tunnels: packets get through or are dropped for one of `kReasons` reasons, all of them counted,
/// and the keys of the configuration are shown to nobody.
template <typename Self, size_t kReasons>
class EspAction : public PacketAction<Self> {
protected:
    void* role(Element::Role asked) override { return asked == Element::kRoleOf<Secrets> ? &_secrets : nullptr; }
    void let_through() { ++_count; }
    PacketPtr drop(size_t reason) {
        ++_drops;
        ++_dropped[reason];
        return {};
    }
    /// For `take_state`: goes on counting where `old` was.
    void take_counts(const EspAction& old) {
        _count += old._count.value();
        _drops += old._drops.value();
        for (size_t i = 0; i < kReasons; ++i) {
            _dropped[i] += old._dropped[i].value();
        }
    }
    void add_count_handlers(const std::array<const char*, kReasons>& names) {
        this->add_data_handler("count", _count);
        this->add_data_handler("drops", _drops);
        for (size_t i = 0; i < kReasons; ++i) {
            this->add_data_handler(names[i], _dropped[i]);
        }
    }

    FileName _keys;
    Secrets _secrets;

private:
    Tally _count;
    Tally _drops;
    std::array<Tally, kReasons> _dropped;
};

}  // namespace click

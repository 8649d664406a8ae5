// SPDX-License-Identifier: Apache-2.0
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

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/annotations.hh>
#include <click/args.hh>
#include <click/value.hh>

#include "lang/confparse.hh"
#include "net/ether.hh"

namespace click {

/// The two Ethernet addresses, in front of the type.
inline constexpr uint32_t kEtherAddresses = 12;

/// What an IEEE 802.1Q tag inserts behind the addresses; network order.
struct [[gnu::packed, gnu::may_alias]] VlanShim {
    uint16_t type;
    uint16_t control;
};
static_assert(sizeof(VlanShim) == 4);

/// The tag of an Ethernet packet whose type is `type`; null where there is none.
inline const VlanShim* vlan_shim(const Packet& packet, uint16_t type) {
    if (packet.length() < sizeof(EtherHeader) + sizeof(VlanShim)) {
        return nullptr;
    }
    const auto* shim = reinterpret_cast<const VlanShim*>(packet.data() + kEtherAddresses);
    return shim->type == net16(type) ? shim : nullptr;
}

/// VLAN, 0 to 4095 (IEEE 802.1Q 9.6).
struct VlanId {
    uint16_t value = 0;
};
inline bool parse_arg(std::string_view text, VlanId& value, ArgContext& context) {
    return parse_within(text, value.value, uint16_t{0}, uint16_t{0x0fff}, context);
}
inline std::string show_value(VlanId value) { return std::to_string(value.value); }

/// Priority code point, 0 to 7.
struct VlanPriority {
    uint16_t value = 0;
};
inline bool parse_arg(std::string_view text, VlanPriority& value, ArgContext& context) {
    return parse_within(text, value.value, uint16_t{0}, uint16_t{7}, context);
}
inline std::string show_value(VlanPriority value) { return std::to_string(value.value); }

/// Tag control information: a number, or the packet's annotation.
struct VlanControl {
    VlanId id;
    VlanPriority priority;
    bool drop_eligible = false;
    bool annotated = false;

    uint16_t bits() const {
        return static_cast<uint16_t>(priority.value << 13 | (drop_eligible ? 1 << 12 : 0) | id.value);
    }
};
inline bool parse_arg(std::string_view text, VlanControl& value, ArgContext& context) {
    if (trim(text) == "ANNO") {
        value = {{}, {}, false, true};
        return true;
    }
    uint16_t bits = 0;
    if (!parse_arg(text, bits, context)) {
        return false;
    }
    value = {{static_cast<uint16_t>(bits & 0x0fff)}, {static_cast<uint16_t>(bits >> 13)}, (bits & 0x1000) != 0, false};
    return true;
}
inline std::string show_value(const VlanControl& value) {
    return value.annotated ? "ANNO" : std::to_string(value.bits());
}

/// What an element's arguments say of the tags that it writes.
struct VlanTag {
    VlanControl control;
    int native = 0;  ///< VLAN without a tag; negative: none

    /// Adds the arguments VLAN_TCI, VLAN_ID, VLAN_PCP and, where packets are tagged, NATIVE_VLAN.
    Args& read(Args& args, bool with_native) {
        args.optional("VLAN_TCI", control)
            .given(_has_control)
            .keyword("VLAN_ID", _id)
            .given(_has_id)
            .keyword("VLAN_PCP", _priority)
            .given(_has_priority);
        return with_native ? args.keyword("NATIVE_VLAN", native) : args;
    }
    /// Puts the parts together once the arguments are complete. Negative after a report.
    int check(ErrorHandler& errh) {
        if (_has_control && _has_id) {
            return errh.error("VLAN_TCI and VLAN_ID are mutually exclusive");
        }
        if (!_has_control && !_has_id && !_has_priority) {
            return errh.error("missing mandatory VLAN_TCI argument");
        }
        if (!_has_control) {
            control.id = _id;
        }
        if (_has_priority) {
            control.priority = _priority;
        }
        _priority_alone = _has_priority && !_has_control && !_has_id;
        return 0;
    }
    uint16_t of(const Packet& packet) const {
        uint16_t annotated = net16(packet.anno_u16(anno::kVlanTci));
        if (_priority_alone) {
            return static_cast<uint16_t>((annotated & 0x1fff) | control.priority.value << 13);
        }
        return control.annotated ? annotated : control.bits();
    }
    bool is_native(uint16_t bits) const { return native >= 0 && (bits & 0x0fff) == native; }

private:
    VlanId _id;
    VlanPriority _priority;
    bool _has_control = false;
    bool _has_id = false;
    bool _has_priority = false;
    bool _priority_alone = false;
};

}  // namespace click

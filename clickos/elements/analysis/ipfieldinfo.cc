// SPDX-License-Identifier: Apache-2.0
/*
=c
IPFieldInfo(NAME FIELD, ...)
=s information
gives names to fields of packets
=d
Each argument gives a name to a field of IP packets, written as AggregateIP reads it: C<ip vers>, C<ip src/24>, C<tcp[13]>,
C<transp{0-15}>. AggregateIP takes the name too, in the whole configuration.
=h fields read-only
The names, one a line.
=e
  IPFieldInfo(network ip src/24, congestion ip ecn);
  Idle -> MarkIPHeader -> AggregateIP(network) -> Discard;
=a AggregateIP, IPNameInfo, AddressInfo
*/
#include <click/element.hh>

#include <map>

#include "elements/analysis/packetfield.hh"
#include "lang/confparse.hh"

namespace click {

namespace {

class IPFieldInfo final : public Element, public FieldBook {
public:
    const char* class_name() const override { return "IPFieldInfo"; }
    int configure_phase() const override { return kPhaseFirst; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    void add_handlers() override { add_read_handler<&IPFieldInfo::read_fields>("fields"); }
    const PacketField* find_field(std::string_view name) const override {
        auto found = _fields.find(name);
        return found != _fields.end() ? &found->second : nullptr;
    }

private:
    void* role(Role asked) override { return asked == kRoleOf<FieldBook> ? static_cast<FieldBook*>(this) : nullptr; }
    std::string read_fields() const {
        std::string text;
        for (const auto& [name, field] : _fields) {
            text += name + "\n";
        }
        return text;
    }

    std::map<std::string, PacketField, std::less<>> _fields;
};

int IPFieldInfo::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    int result = 0;
    for (const std::string& argument : conf) {
        std::string_view rest = argument;
        std::string name(take_word(rest));
        PacketField field;
        ArgContext context(this, errh, name);
        if (trim(rest).empty()) {
            result = errh.error("expected 'NAME FIELD', got '%s'", argument.c_str());
        } else if (!parse_arg(rest, field, context)) {
            result = -1;
        } else if (!_fields.emplace(name, field).second) {
            result = errh.error("field '%s' is there twice", name.c_str());
        }
    }
    return result;
}

}  // namespace

CLICK_ELEMENT(IPFieldInfo)

}  // namespace click

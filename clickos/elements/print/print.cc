// SPDX-License-Identifier: Apache-2.0
/*
=c
Print([LABEL, MAXLENGTH, I<keywords>])
=s debugging
prints packet contents
=d
Writes one line to the error log for each packet and passes the packet on. The line has the LABEL, the packet's length
and its first MAXLENGTH bytes (24 by default, all of them when MAXLENGTH is negative).

Keyword arguments are:
=over 8
=item MAXLENGTH
Integer. How many bytes are printed. Default is 24; negative means all. Older configurations say C<NBYTES> or C<LENGTH>.
=item CONTENTS
C<NONE>, C<HEX> (groups of four bytes) or C<ASCII>. Default is C<HEX>.
=item TIMESTAMP
Boolean. Whether the packet's timestamp is printed. Default is false.
=item PRINTANNO
Boolean. Whether the packet's annotation bytes are printed. Default is false.
=item HEADROOM
Boolean. Whether head- and tailroom are printed, as C<(h64 t32)>. Default is false.
=item CPU
Boolean. Whether the number of the processor is printed. Default is false.
=item ACTIVE
Boolean. Whether anything is printed. Default is true.
=back
=h active read/write
Whether anything is printed.
=e
  InfiniteSource(LIMIT 1) -> Print(source, 4) -> Discard;
=a IPPrint
*/
#include <click/clock.hh>
#include <click/element.hh>

#include <algorithm>

#include "elements/print/contents.hh"
#include "lang/confparse.hh"
#include "lib/format.hh"
#include "platform/platform.hh"

namespace click {

namespace {

class Print final : public PacketAction<Print> {
public:
    const char* class_name() const override { return "Print"; }
    bool shows_order() const override { return _active; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override;

    PacketPtr simple_action(PacketPtr packet) {
        if (_active) {
            print(*packet);
        }
        return packet;
    }

private:
    void print(const Packet& packet) const;
    std::string active() const { return _active ? "true" : "false"; }
    int set_active(std::string_view value, ErrorHandler& errh);

    std::string _label;
    int _max_length = 24;
    Contents _contents = Contents::Hex;
    bool _timestamp = false;
    bool _annotations = false;
    bool _headroom = false;
    bool _cpu = false;
    bool _active = true;
};

int Print::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    std::string label;
    int max_length = 24;
    Contents contents = Contents::Hex;
    bool timestamp = false;
    bool annotations = false;
    bool headroom = false;
    bool cpu = false;
    bool active = true;
    if (Args(conf, this, errh)
            .optional("LABEL", label)
            .optional("MAXLENGTH", max_length)
            .keyword("LENGTH", max_length)
            .keyword("NBYTES", max_length)
            .keyword("CONTENTS", contents)
            .keyword("TIMESTAMP", timestamp)
            .keyword("PRINTANNO", annotations)
            .keyword("HEADROOM", headroom)
            .keyword("CPU", cpu)
            .keyword("ACTIVE", active)
            .complete() < 0) {
        return -1;
    }
    _label = std::move(label);
    _max_length = max_length;
    _contents = contents;
    _timestamp = timestamp;
    _annotations = annotations;
    _headroom = headroom;
    _cpu = cpu;
    _active = active;
    return 0;
}

void Print::print(const Packet& packet) const {
    std::string line = _label;
    const char* separator = _label.empty() ? "" : ": ";
    if (_cpu) {
        line += "(0)";
        separator = ": ";
    }
    if (_timestamp) {
        line += separator + clock::unparse(packet.timestamp());
        separator = ": ";
    }
    if (_headroom) {
        line += format("%s(h%u t%u)", separator, packet.headroom(), packet.tailroom());
        separator = ": ";
    }
    line += format("%s%4u", separator, packet.length());
    if (_annotations) {
        line += " | ";
        for (size_t i = 0; i < Packet::kAnnoSize; ++i) {
            append_hex_byte(line, packet.anno_u8(i));
        }
    }
    size_t shown = packet.length();
    if (_max_length >= 0) {
        shown = std::min(shown, static_cast<size_t>(_max_length));
    }
    if (_contents != Contents::None && shown != 0) {
        line += " | ";
        append_contents(line, _contents, packet.data(), shown);
    }
    line += '\n';
    platform::log(line);
}

int Print::set_active(std::string_view value, ErrorHandler& errh) {
    return parse_bool(trim(value), _active) ? 0 : errh.error("syntax error");
}

void Print::add_handlers() {
    add_read_handler<&Print::active>("active", 0, Handler::kCheckbox);
    add_write_handler<&Print::set_active>("active");
}

}  // namespace

CLICK_ELEMENT(Print)

}  // namespace click

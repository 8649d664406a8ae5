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
=use print-active
=e
  InfiniteSource(LIMIT 1) -> Print(source, 4) -> Discard;
=a IPPrint
*/
#include <click/clock.hh>
#include <click/element.hh>

#include <algorithm>

#include "elements/print/contents.hh"
#include "elements/print/printer.hh"
#include "lang/confparse.hh"
#include "lib/format.hh"
#include "platform/platform.hh"

namespace click {

namespace {

class Print final : public Printer<Print> {
public:
    const char* class_name() const override { return "Print"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    void print(const Packet& packet) const;

private:
    std::string _label;
    static constexpr int kDefaultLength = 24;
    int _max_length = kDefaultLength;
    Contents _contents = Contents::Hex;
    bool _timestamp = false;
    bool _annotations = false;
    bool _headroom = false;
    bool _cpu = false;
};

int Print::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    return Args(conf, this, errh)
        .optional("LABEL", _label, {})
        .optional("MAXLENGTH", _max_length, kDefaultLength)
        .keyword("LENGTH", _max_length)
        .keyword("NBYTES", _max_length)
        .keyword("CONTENTS", _contents, Contents::Hex)
        .keyword("TIMESTAMP", _timestamp, false)
        .keyword("PRINTANNO", _annotations, false)
        .keyword("HEADROOM", _headroom, false)
        .keyword("CPU", _cpu, false)
        .keyword("ACTIVE", _active, true)
        .complete();
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

}  // namespace

CLICK_ELEMENT(Print)

}  // namespace click

// SPDX-License-Identifier: Apache-2.0
/*
=c
TCPRewriter(INPUTSPEC1, ..., INPUTSPECn [, I<keywords>])
=s nat
rewrites addresses, ports and sequence numbers of TCP packets
=d
Like IPRewriter, for TCP packets alone. INPUTSPECs are those of IPRewriter.

It can also add to the sequence numbers of a connection, and take the same off the acknowledgement numbers that answer them,
those of selective acknowledgements (RFC 2018) included. It does so when another element asks for it that made what a
connection carries longer or shorter, such as an FTPPortMapper.

Keyword arguments are:
=over 8
=item TCP_TIMEOUT
As in IPRewriter.
=item TCP_NODATA_TIMEOUT
As in IPRewriter.
=item TCP_DONE_TIMEOUT
As in IPRewriter.
=item TCP_GUARANTEE
As in IPRewriter.
=use rewriter-keywords
=back
=use rewriter-lookup
=use rewriter-handlers
=h state read/write
The mappings in chunks, as in IPRewriter. Of a connection whose sequence numbers are moved, there are three more numbers for
each direction: from which one on, by how much, and by how much those before it.
=h state_since read-only
As in IPRewriter.
=e
  rw :: TCPRewriter(pattern 1.0.0.1 1024-65535 - - 0 1, drop);
  inside :: Idle -> [0]rw; rw[0] -> Discard;
  outside :: Idle -> [1]rw; rw[1] -> Discard;
=a IPRewriter, UDPRewriter, IPRewriterPatterns, FTPPortMapper
*/
#include <array>

#include "elements/rewriter/sequencekeeper.hh"
#include "elements/rewriter/transportrewriter.hh"
#include "lang/confparse.hh"

namespace click {

namespace {

class TCPRewriter final : public TransportRewriter<TCPRewriter, true, false, false>, public SequenceKeeper {
public:
    const char* class_name() const override { return "TCPRewriter"; }

    void rewrite(IpHeader& ip, uint32_t length, uint32_t handle, const FlowId& to, bool reply) {
        TcpHeader* tcp = rewrite_flow(ip, length, handle, to, reply);
        if (tcp && _table.flows()[handle].more) [[unlikely]] {
            move_numbers(*tcp, length - ip.header_length(), handle, reply);
        }
    }
    void restore(IpHeader& ip, uint32_t length, MappingTable::Flows::Found back) override;
    void shift(MappingTable::Flows::Found flow, uint32_t place, int32_t by) override;

protected:
    void* role(Role asked) override {
        return asked == kRoleOf<SequenceKeeper> ? static_cast<SequenceKeeper*>(this) : Rewriter::role(asked);
    }
    void lifetime_keywords(Args& args, Lifetimes& lifetimes) override { tcp_keywords(args, lifetimes); }
    int allocate_more(uint32_t count, ErrorHandler& errh) override {
        return _shifts.allocate(count, "sequence numbers", errh);
    }
    std::string unparse_more(uint32_t handle) const override;
    bool take_more(uint32_t handle, std::string_view text) override;
    void take_more_from(uint32_t handle, Rewriter& other, uint32_t others) override {
        auto& from = static_cast<TCPRewriter&>(other);
        if (from._table.flows()[others].more) {
            keep(handle, from._shifts[others]);
        }
    }

private:
    /// Of packets that begin a flow, and of those that answer it.
    using Shifts = std::array<SequenceShift, 2>;

    void keep(uint32_t handle, const Shifts& shifts) {
        _shifts[handle] = shifts;
        _table.flows()[handle].more = 1;
    }
    void move_numbers(TcpHeader& tcp, uint32_t length, uint32_t handle, bool reply);

    Table<Shifts> _shifts;  ///< by mapping; of one that has no `more`, it says nothing
};

/// The edges of selective acknowledgements (RFC 2018 3), each of which `move` gets and returns. Options end where one is
/// wrong.
template <typename F>
void move_selective(uint8_t* options, unsigned length, F move) {
    constexpr uint8_t kEnd = 0, kNothing = 1, kSelective = 5;
    for (unsigned at = 0; at < length && options[at] != kEnd;) {
        if (options[at] == kNothing) {
            ++at;
            continue;
        }
        if (length - at < 2 || options[at + 1] < 2 || options[at + 1] > length - at) {
            return;
        }
        unsigned end = at + options[at + 1];
        for (unsigned edge = at + 2; options[at] == kSelective && edge + 4 <= end; edge += 4) {
            uint32_t number;
            std::memcpy(&number, options + edge, sizeof number);
            number = net32(move(net32(number)));
            std::memcpy(options + edge, &number, sizeof number);
        }
        at = end;
    }
}

void TCPRewriter::move_numbers(TcpHeader& tcp, uint32_t length, uint32_t handle, bool reply) {
    if ((tcp.flags & (TcpHeader::kSyn | TcpHeader::kAck)) == TcpHeader::kSyn) {
        _table.flows()[handle].more = 0;  // another connection between the same ends
        return;
    }
    SequenceShift& own = _shifts[handle][reply ? 1 : 0];
    const SequenceShift& others = _shifts[handle][reply ? 0 : 1];
    auto* bytes = reinterpret_cast<uint8_t*>(&tcp);
    unsigned header = std::min(std::max(tcp.header_length(), unsigned{sizeof(TcpHeader)}), length) & ~1U;
    ChangingPart part(bytes, header);
    if (own.moves()) {
        tcp.sequence = net32(own.sent(net32(tcp.sequence)));
    }
    if (others.moves() && (tcp.flags & TcpHeader::kAck)) {
        auto original = [&](uint32_t number) { return others.original(number); };
        tcp.acknowledgement = net32(original(net32(tcp.acknowledgement)));
        move_selective(bytes + sizeof(TcpHeader), header - unsigned{sizeof(TcpHeader)}, original);
    }
    tcp.checksum = part.changed(tcp.checksum);
}

/// What an ICMP error quotes has the sequence number and, if it is long enough, the checksum.
void TCPRewriter::restore(IpHeader& ip, uint32_t length, MappingTable::Flows::Found back) {
    TransportRewriter::restore(ip, length, back);
    struct [[gnu::packed, gnu::may_alias]] Numbers {
        uint16_t ports[2];
        uint32_t sequence;
    };
    const SequenceShift& shift = _shifts[back.handle][back.key == 1 ? 0 : 1];
    auto* numbers = following_header<Numbers>(ip, length);
    if (!numbers || !_table.flows()[back.handle].more || !shift.moves()) {
        return;
    }
    ChangingPart part(numbers, sizeof *numbers);
    numbers->sequence = net32(shift.original(net32(numbers->sequence)));
    if (auto* tcp = following_header<TcpHeader>(ip, length)) {
        tcp->checksum = part.changed(tcp->checksum);
    }
}

void TCPRewriter::shift(MappingTable::Flows::Found flow, uint32_t place, int32_t by) {
    if (!_table.flows()[flow.handle].more) {
        keep(flow.handle, {});
    }
    _shifts[flow.handle][flow.key].add(place, by);
}

std::string TCPRewriter::unparse_more(uint32_t handle) const {
    std::string text;
    if (_table.flows()[handle].more) {
        for (const SequenceShift& shift : _shifts[handle]) {
            text += format(" %u %d %d", shift.place(), shift.by(), shift.before());
        }
    }
    return text;
}

bool TCPRewriter::take_more(uint32_t handle, std::string_view text) {
    if (text.empty()) {
        return true;
    }
    Shifts shifts;
    for (SequenceShift& shift : shifts) {
        std::array<int64_t, 3> numbers{};
        for (int64_t& number : numbers) {
            std::string_view word = take_word(text);
            bool negative = word.starts_with('-');
            uint64_t size = 0;
            if (!parse_unsigned(word.substr(negative ? 1 : 0), size) || size > 0xffffffff) {
                return false;
            }
            number = negative ? -static_cast<int64_t>(size) : static_cast<int64_t>(size);
        }
        shift = {numbers[1] != 0 || numbers[2] != 0, static_cast<uint32_t>(numbers[0]),
                 static_cast<int32_t>(numbers[1]), static_cast<int32_t>(numbers[2])};
    }
    keep(handle, shifts);
    return text.empty();
}

}  // namespace

CLICK_ELEMENT(TCPRewriter)

}  // namespace click

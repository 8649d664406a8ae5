// SPDX-License-Identifier: Apache-2.0
/*
=block check-keywords
=item VERBOSE
Boolean. Whether every bad packet is reported, not only the first. Default is false.
=item DETAILS
Boolean. Whether bad packets are counted by reason. Default is false.
=block check-handlers
=h count read-only
How many good packets went through.
=h drops read-only
How many bad packets there were.
=h drop_details read-only
How many bad packets there were for each reason; only with DETAILS true.
*/
#pragma once
#include <click/element.hh>

#include <array>
#include <span>

namespace click {

/// What elements that check packets have in common, whatever they check: counts, VERBOSE and DETAILS, handlers, and the
/// report of the first bad packet (`ch: IP header check failed: bad IP version`).
class CheckElement : public Element {
public:
    const char* port_count() const override { return "1/1-2"; }
    const char* processing() const override { return "a/ah"; }
    void add_handlers() override;

    static constexpr int kGood = -1;

protected:
    static constexpr size_t kMostReasons = 16;

    /// `what` begins the report; `reasons` are the texts of the reasons that checks return, at most kMostReasons.
    CheckElement(const char* what, std::span<const char* const> reasons) : _what(what), _reasons(reasons) {}

    /// Adds the keywords VERBOSE and DETAILS.
    Args& check_arguments(Args& args) {
        return args.keyword("VERBOSE", _verbose, false).keyword("DETAILS", _details, false);
    }
    void note_good(uint64_t count) { _count += count; }
    void note_bad(int reason) {
        if (_drops.value() == 0 || _verbose) [[unlikely]] {
            report(reason);
        }
        ++_drops;
        ++_reason_drops[static_cast<size_t>(reason)];
    }

private:
    void report(int reason) const;
    std::string drop_details() const;

    const char* _what;
    std::span<const char* const> _reasons;
    bool _verbose = false;
    bool _details = false;
    Tally _count;
    Tally _drops;
    std::array<Tally, kMostReasons> _reason_drops;
};

/// Base of elements that check packets: `int E::check(Packet&)` returns kGood, having set what good packets get, or the
/// index of the reason why the packet is bad. Good packets go on by output 0; bad ones leave as one batch by output 1,
/// or are dropped where there is none.
template <typename E>
class PacketCheck : public CheckElement {
public:
    using CheckElement::CheckElement;
    void push(int, PacketBatch& batch) override {
        PacketCheck::transform(batch);
        output(0).push(batch);
    }
    void transform(PacketBatch& batch) final {
        auto* self = static_cast<E*>(this);
        PacketBatch bad;
        batch.map([&](PacketPtr packet) {
            int reason = self->check(*packet);
            if (reason != kGood) [[unlikely]] {
                note_bad(reason);
                bad.append(std::move(packet));
            }
            return packet;
        });
        note_good(batch.size());
        checked_push(1, bad);
    }
};

}  // namespace click

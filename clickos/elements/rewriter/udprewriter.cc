// SPDX-License-Identifier: Apache-2.0
/*
=c
UDPRewriter(INPUTSPEC1, ..., INPUTSPECn [, I<keywords>])
=s nat
rewrites addresses and ports of UDP (or TCP) packets
=d
Like IPRewriter, with one table: flows are told apart by their addresses and ports alone. In spite of its name it rewrites
TCP packets as well, but does not look at their connections; give each UDPRewriter packets of one protocol.

INPUTSPECs are those of IPRewriter.

Keyword arguments are:
=over 8
=item TIMEOUT
Time value. How long mappings are kept after their last packet. Default is 5 minutes. C<UDP_TIMEOUT> is the same.
=item UDP_TIMEOUT
The same as TIMEOUT.
=item STREAMING_TIMEOUT
Time value. The same for mappings with at least three packets and at least one each way. Default is TIMEOUT.
=item UDP_STREAMING_TIMEOUT
The same as STREAMING_TIMEOUT.
=item GUARANTEE
Time value. How long mappings are kept whatever happens, after each packet. Default is 5 seconds.
=item UDP_GUARANTEE
The same as GUARANTEE.
=use rewriter-keywords
=back
=use rewriter-lookup
=use rewriter-handlers
=use rewriter-state
=e
  rw :: UDPRewriter(pattern - - 1.0.0.1 53 0 1, drop, TIMEOUT 30);
  asked :: Idle -> [0]rw; rw[0] -> Discard;
  answered :: Idle -> [1]rw; rw[1] -> Discard;
=a IPRewriter, TCPRewriter, IPRewriterPatterns
*/
#include "elements/rewriter/transportrewriter.hh"

namespace click {

namespace {

class UDPRewriter final : public TransportRewriter<UDPRewriter, true, true, true> {
public:
    const char* class_name() const override { return "UDPRewriter"; }

protected:
    void lifetime_keywords(Args& args, Lifetimes& lifetimes) override {
        for (const char* prefix : {"", "UDP_"}) {
            args.keyword(std::string(prefix) + "TIMEOUT", lifetime(lifetimes.timeout))
                .keyword(std::string(prefix) + "STREAMING_TIMEOUT", lifetime(lifetimes.streaming))
                .keyword(std::string(prefix) + "GUARANTEE", lifetime(lifetimes.guarantee));
        }
    }
};

}  // namespace

CLICK_ELEMENT(UDPRewriter)

}  // namespace click

// SPDX-License-Identifier: Apache-2.0
/*
=c
TCPRewriter(INPUTSPEC1, ..., INPUTSPECn [, I<keywords>])
=s nat
rewrites addresses and ports of TCP packets
=d
Like IPRewriter, for TCP packets alone. INPUTSPECs are those of IPRewriter.

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
=item REAP_INTERVAL
As in IPRewriter.
=item MAPPING_CAPACITY
As in IPRewriter.
=item DST_ANNO
As in IPRewriter.
=item REPLY_ANNO
As in IPRewriter.
=back
=h table read-only
The mappings, as IPRewriter shows them.
=h mappings read-only
An older name of table.
=h lookup read-only
Takes a flow, C<SADDR SPORT DADDR DPORT>; returns what it becomes in the same form, or nothing.
=h nmappings read-only
The number of flows that have mappings.
=h table_size read-only
The same.
=h mapping_failures read-only
How many packets were dropped because there was no mapping to be had.
=h patterns read-only
The patterns of the INPUTSPECs, one a line.
=h size read-only
The number of flows; where rewriters share a capacity, of all of them.
=h capacity read/write
As in IPRewriter.
=h clear write-only
Forgets all mappings.
=h state read/write
The mappings in chunks, as in IPRewriter.
=h state_since read-only
As in IPRewriter.
=e
  rw :: TCPRewriter(pattern 1.0.0.1 1024-65535 - - 0 1, drop);
  inside :: Idle -> [0]rw; rw[0] -> Discard;
  outside :: Idle -> [1]rw; rw[1] -> Discard;
=a IPRewriter, UDPRewriter, IPRewriterPatterns
*/
#include "elements/rewriter/transportrewriter.hh"

namespace click {

namespace {

class TCPRewriter final : public TransportRewriter<TCPRewriter, true, false, false> {
public:
    const char* class_name() const override { return "TCPRewriter"; }
    void add_handlers() override {
        Rewriter::add_handlers();
        add_table_handlers(kIpProtoTcp);
    }

protected:
    void lifetime_keywords(Args& args, Lifetimes& lifetimes) override { tcp_keywords(args, lifetimes); }
};

}  // namespace

CLICK_ELEMENT(TCPRewriter)

}  // namespace click

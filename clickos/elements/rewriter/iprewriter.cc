// SPDX-License-Identifier: Apache-2.0
/*
=c
IPRewriter(INPUTSPEC1, ..., INPUTSPECn [, I<keywords>])
=s nat
rewrites addresses and ports of TCP and UDP packets
=d
Rewrites source address, source port, destination address and destination port of TCP and UDP packets, and their checksums:
a network address and port translator (NAPT, RFC 3022). See IPAddrRewriter and IPAddrPairRewriter for addresses alone, and
TCPRewriter for changes of sequence numbers as well.

It keeps a table of mappings. Each says for the packets of one flow (source address and port, destination address and port,
and protocol) which flow they become, and by which output they leave:

  (SA, SP, DA, DP) => (SA', SP', DA', DP') [OUTPUT]

A packet whose flow has a mapping is rewritten and leaves by its output. A packet without one is dealt with as the INPUTSPEC of
the input that it came by says; there are as many inputs as INPUTSPECs. These are:

=over 8
=item C<drop>, C<discard>
Drops the packet.
=item C<pass OUTPUT>
The packet leaves by OUTPUT as it is; there will be no mapping.
=item C<keep FOUTPUT ROUTPUT>
Makes mappings that leave the flow as it is: its packets leave by FOUTPUT, packets of the flow that answers it by ROUTPUT.
=item C<pattern SADDR SPORT DADDR DPORT FOUTPUT ROUTPUT>
Makes mappings by a pattern. A dash leaves a field as it is. SPORT may be a range L-H: each new flow gets a port of it
that conflicts with no mapping there is; the packet's own port if it is free, else a random one. L-H# takes them
one after the other, L-H? always a random one. When there is none left, the packet is dropped. For a new flow (SA, SP, DA, DP) that becomes
(SA', SP', DA', DP'), two mappings are made:

  (SA, SP, DA, DP) => (SA', SP', DA', DP') [FOUTPUT]
  (DA', DP', SA', SP') => (DA, DP, SA, SP) [ROUTPUT]

so that answers are rewritten to look as if they were for the original flow.
=item C<pattern NAME FOUTPUT ROUTPUT>
The same with a pattern of an IPRewriterPatterns element.
=item C<ELEMENT>
Makes mappings as an element says, for instance a RoundRobinIPMapper or a SourceIPHashMapper.
=back
Packets need their IP header annotations. What is neither TCP nor UDP, is cut off before the ports or is a fragment but not the first
leaves by OUTPUT if the INPUTSPEC is C<pass OUTPUT> and is dropped if not.

A mapping is kept for at least its guarantee after each of its packets. After that it may have to make room for a new flow when
the table is full; if all are guaranteed, packets of new flows are dropped. Memory is taken when the router starts.

Keyword arguments are:
=over 8
=item TCP_TIMEOUT
Time value. How long connections are kept after their last packet that have carried data both ways. Default is 24 hours.
=item TCP_NODATA_TIMEOUT
Time value. The same for connections that have not. Default is 5 minutes.
=item TCP_DONE_TIMEOUT
Time value. The same for connections that are over, by FIN both ways or by RST. Default is 4 minutes.
=item TCP_GUARANTEE
Time value. The guarantee of TCP mappings. Default is 5 seconds.
=item UDP_TIMEOUT
Time value. How long UDP mappings are kept after their last packet. Default is 5 minutes.
=item UDP_STREAMING_TIMEOUT
Time value. The same for UDP mappings with at least three packets and at least one each way. Default is UDP_TIMEOUT.
=item UDP_GUARANTEE
Time value. The guarantee of UDP mappings. Default is 5 seconds.
=item REAP_INTERVAL
Time value. How often mappings that are over are looked for. Default is 15 minutes.
=item MAPPING_CAPACITY
Unsigned integer, or the name of another rewriter. The most flows there are at once; with a name, its flows and these together
are no more than that one's capacity. Default is 1048576, or fewer where an eighth of the free memory does not hold them.
=item INPUT_CAPACITY
Unsigned integer. The most flows there are at once that began by one and the same input: packets of further ones are dropped, and are
mapping failures. Flows that were taken over are counted and stay. Default is 0, which is no limit but MAPPING_CAPACITY.
=item DST_ANNO
Boolean. Whether destination address annotations are set to the rewritten destination addresses. Default is true.
=item REPLY_ANNO
A byte annotation. What it is on the packet that makes a mapping is set on all packets that answer. Default is none.
=back
=h table read-only
The mappings, a line for each direction, with the outputs of both (a star is at the one that counts), the input and the seconds that
are left: C<(1.0.0.1, 20, 2.0.0.2, 80) =E<gt> (3.0.0.3, 1024, 2.0.0.2, 80) [*0 1] i0 exp300>.
=h tcp_table read-only
The same of TCP only.
=h udp_table read-only
The same of UDP only.
=h tcp_mappings read-only
An older name of tcp_table.
=h udp_mappings read-only
An older name of udp_table.
=h tcp_lookup read-only
Takes a TCP flow, C<SADDR SPORT DADDR DPORT>; returns what it becomes in the same form, or nothing.
=h udp_lookup read-only
The same for UDP.
=h nmappings read-only
The number of flows that have mappings.
=h table_size read-only
The same.
=h mapping_failures read-only
How many packets were dropped because there was no mapping to be had: no port or no room was left.
=h patterns read-only
The patterns of the INPUTSPECs, one a line; for those that have none, their kind in angle brackets.
=h patternI<N> read/write
The same of the INPUTSPEC of input N. A new INPUTSPEC that is written counts for new flows.
=h size read-only
The number of flows; where rewriters share a capacity, of all of them.
=h capacity read/write
The capacity, and how many flows of it are reserved for those without a guarantee: C<CAPACITY RESERVE>. Write one or both; RESERVE is
the smaller of 50 and CAPACITY/8 if it is not there, CAPACITY at most what was configured.
=h clear write-only
Forgets all mappings.
=h state read/write
The mappings in a form that another rewriter of the same configuration takes when it is written there, in chunks: read with the
position that the end of the first line says, until that is C<end>. The first line is C<flows 1 CLASS NOW NEXT>.
=h state_since read-only
The same of what was used since a time: the parameter is C<SINCE [POSITION]>, SINCE being the NOW of an earlier chunk.
=e
  rw :: IPRewriter(pattern 1.0.0.1 1024-65535 - - 0 1, drop);
  inside :: Idle -> [0]rw; rw[0] -> Discard;
  outside :: Idle -> [1]rw; rw[1] -> Discard;
=a TCPRewriter, UDPRewriter, IPAddrRewriter, IPAddrPairRewriter, IPRewriterPatterns, RoundRobinIPMapper, SourceIPHashMapper,
FTPPortMapper, ICMPRewriter, ICMPPingRewriter
*/
#include "elements/rewriter/transportrewriter.hh"

namespace click {

namespace {

class IPRewriter final : public TransportRewriter<IPRewriter, true, true, false> {
public:
    const char* class_name() const override { return "IPRewriter"; }
    void add_handlers() override {
        TransportRewriter::add_handlers();
        add_read_handler<&IPRewriter::unparse_table>("table", 0, Handler::kExpensive);
        for (const char* name : {"tcp_table", "tcp_mappings"}) {
            add_read_handler<&IPRewriter::unparse_table>(name, kIpProtoTcp, Handler::kExpensive);
        }
        for (const char* name : {"udp_table", "udp_mappings"}) {
            add_read_handler<&IPRewriter::unparse_table>(name, kIpProtoUdp, Handler::kExpensive);
        }
        add_read_handler<&IPRewriter::look_up>("tcp_lookup", kIpProtoTcp);
        add_read_handler<&IPRewriter::look_up>("udp_lookup", kIpProtoUdp);
    }

protected:
    void lifetime_keywords(Args& args, Lifetimes& lifetimes) override {
        tcp_keywords(args, lifetimes);
        args.keyword("UDP_TIMEOUT", lifetime(lifetimes.timeout))
            .keyword("UDP_STREAMING_TIMEOUT", lifetime(lifetimes.streaming))
            .keyword("UDP_GUARANTEE", lifetime(lifetimes.guarantee));
    }
};

}  // namespace

CLICK_ELEMENT(IPRewriter)

}  // namespace click

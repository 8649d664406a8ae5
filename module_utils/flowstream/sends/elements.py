# SPDX-License-Identifier: Apache-2.0
"""What each class of elements does to the addresses of packets. A class that is not here may do anything."""

from __future__ import annotations

from collections.abc import Mapping

from ansible.module_utils.flowstream.sends import frames, headers
from ansible.module_utils.flowstream.sends.arguments import keywords, named
from ansible.module_utils.flowstream.sends.effect import Effect, Place, makes, nothing, on_header, passes
from ansible.module_utils.flowstream.sends.packet import Kind, Mac, Packet, Source, Start, anything

SENDER, RECEIVER = "ToDevice", "FromDevice"


def _data(place: Place) -> list[Packet]:
    """The bytes in the argument; those that a source has by itself are words."""
    data = named(place.arguments, "DATA").get("DATA")
    if data is None or keywords(place.arguments) & {"LENGTH", "DATASIZE"}:
        return [anything(place.number)]
    by = place.number
    raw = data.encode("latin-1")
    return [Packet(Start.BYTES, Kind(None, by), Mac(None, by), None, Source(None, by), None, None, data=raw)]


_AS_THEY_ARE = """
    ARPPrint AggregateCounter AggregateFilter AggregateFirst AggregateIP AggregateIPFlows AggregateLength AggregatePaint
    AverageCounter BandwidthMeter BandwidthRatedSplitter BandwidthRatedUnqueue BandwidthShaper Block Burster CheckARPHeader
    CheckCRC32 CheckICMPHeader CheckLength CheckPaint CheckTCPHeader CheckUDPHeader CoDel CompareBlock Counter CycleCountAccum
    DRRSched DelayShaper DelayUnqueue DropBroadcasts EtherSwitch FQCoDel FrontDropQueue FullNoteQueue HashSwitch Hub IPClassifier
    IPFilter IPPrint IPRateMonitor LinkUnqueue ListenEtherSwitch MSQueue MarkMACHeader Meter MixedQueue NotifierQueue
    Null Null1 Null2 Null3 Null4 Null5 Null6 Null7 Null8 PI PaintSwitch PaintTee Print PrioSched PullNull PullSwitch PullTee
    PushNull Queue QuickNoteQueue RED AdaptiveRED RandomSample RandomSwitch RatedSplitter RatedUnqueue RoundRobinSched
    RoundRobinSwitch RoundTripCycleCount SetCycleCount SetPacketType SetTimestamp SetTimestampDelta SetVLANAnno Shaper
    SimpleQueue StatefulFirewall StaticPullSwitch StaticSwitch StrideSched StrideSwitch Suppressor Switch Tee ThreadSafeQueue
    TimeFilter TimeRange TimeSortedSched TimestampAccum TruncateIPPayload Unqueue
""".split()
_INTO_THE_HEADER = (
    "DecIPTTL IPGWOptions MarkIPCE SetIPChecksum SetIPDSCP SetIPECN SetTCPChecksum SetUDPChecksum".split()
)
_END = """
    ARPTable AddressInfo AlignmentInfo BalancedThreadSched Discard IPNameInfo IPRewriterPatterns Idle Message PortInfo QuitWatcher
    ScheduleInfo StaticThreadSched TimedSink ToDevice ToDump ToIPSummaryDump
""".split()

EFFECTS: Mapping[str, Effect] = {
    **dict.fromkeys(_AS_THEY_ARE, Effect(passes)),
    **dict.fromkeys(_INTO_THE_HEADER, Effect(on_header)),
    **dict.fromkeys(_END, Effect(nothing)),
    "Classifier": Effect(frames.classifier),
    "HostEtherFilter": Effect(frames.host_filter),
    "Strip": Effect(frames.strip),
    "Unstrip": Effect(frames.unstrip),
    "EtherEncap": Effect(frames.encapsulate),
    "EtherVLANEncap": Effect(frames.tag_and_encapsulate),
    "VLANEncap": Effect(frames.tag),
    "VLANDecap": Effect(frames.untag),
    "EtherRewrite": Effect(frames.rewrite),
    "EtherMirror": Effect(frames.mirror),
    "StoreEtherAddress": Effect(frames.store),
    "ARPQuerier": Effect(frames.querier),
    "ARPResponder": Effect(frames.responder),
    "ARPFaker": makes(frames.faker),
    **dict.fromkeys(("FastUDPSource", "FastUDPFlows", "FastTCPFlows"), makes(frames.generator)),
    **dict.fromkeys(("InfiniteSource", "RatedSource", "TimedSource"), makes(_data)),
    **dict.fromkeys(("CheckIPHeader", "CheckIPHeader2"), Effect(headers.checked)),
    "MarkIPHeader": Effect(headers.marked),
    **dict.fromkeys(("Paint", "SetAnnoByte", "SetEtherAddress"), Effect(headers.annotate)),
    "IPReassembler": Effect(headers.reassemble),
    "GetIPAddress": Effect(headers.hop_from_header),
    **dict.fromkeys(("SetIPAddress", "SetRandIPAddress"), Effect(headers.hop_to)),
    **dict.fromkeys(
        "DirectIPLookup LinearIPLookup RadixIPLookup RangeIPLookup SortedIPLookup StaticIPLookup".split(),
        Effect(headers.route),
    ),
    "IPMirror": Effect(headers.swap),
    "ICMPPingResponder": Effect(headers.answer),
    "TCPReflector": Effect(headers.swap),
    **dict.fromkeys(("IPEncap", "UDPIPEncap", "DynamicUDPIPEncap", "ICMPPingEncap"), Effect(headers.encapsulate)),
    **dict.fromkeys(("ICMPPingSource", "ICMPSendPings"), makes(headers.ping)),
    "ICMPError": Effect(headers.error),
    "FixIPSrc": Effect(headers.fix_source),
    "IPOutputCombo": Effect(headers.outward),
    "IPFragmenter": Effect(headers.fragments),
    "StoreIPAddress": Effect(headers.store),
    **dict.fromkeys(("IPRewriter", "UDPRewriter", "TCPRewriter", "IPAddrPairRewriter"), Effect(headers.rewriter)),
    "IPAddrRewriter": Effect(headers.address_rewriter),
}


def effect_of(kind: str, arguments: tuple[str, ...]) -> Effect | None:
    """What a class does; None where nobody knows, which is so of one that calls handlers, for these change others."""
    calls = any(name.endswith("_CALL") for name in keywords(arguments))
    return None if calls else EFFECTS.get(kind)

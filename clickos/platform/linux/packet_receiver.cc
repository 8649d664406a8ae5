// SPDX-License-Identifier: Apache-2.0
//
// Receiving by packet sockets, through a ring of slots that the kernel and we share (PACKET_RX_RING, TPACKET_V2): version 3's
// blocks are handed over only when they are full or after a tick of the kernel's clock, 1 to 10 ms, which every round trip
// through a router would pay twice.
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/mman.h>

#include <click/annotations.hh>
#include <click/errorhandler.hh>
#include <click/task.hh>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <new>
#include <vector>

#include "lib/offload.hh"
#include "net/ipaddress.hh"
#include "platform/linux/device.hh"
#include "platform/linux/ingress_block.hh"
#include "platform/linux/interface.hh"
#include "platform/linux/poller.hh"

namespace click::platform {

namespace {

/// What lies before a frame of which its sender left something to do (virtio 1.2, 5.1.6; linux/virtio_net.h says the
/// same, but is no C++).
struct VirtioHeader {
    static constexpr uint8_t kNeedsChecksum = 1;
    static constexpr uint8_t kNone = 0, kTcp4 = 1, kTcp6 = 4, kUdp = 5, kEcn = 0x80;

    uint8_t flags;
    uint8_t segmentation;
    uint16_t header_length;
    uint16_t segment_size;
    uint16_t checksum_start;
    uint16_t checksum_offset;
};
static_assert(sizeof(VirtioHeader) == 10);

Offload read_offload(const VirtioHeader& header) {
    Offload offload;
    if (header.flags & VirtioHeader::kNeedsChecksum) {
        offload.partial_checksum = true;
        offload.checksum_start = header.checksum_start;
        offload.checksum_offset = header.checksum_offset;
    }
    switch (header.segmentation & ~VirtioHeader::kEcn) {
        case VirtioHeader::kNone:
            break;
        case VirtioHeader::kTcp4:
            offload.segmentation = Offload::Segmentation::Tcp4;
            break;
        case VirtioHeader::kTcp6:
            offload.segmentation = Offload::Segmentation::Tcp6;
            break;
        case VirtioHeader::kUdp:
            offload.segmentation = Offload::Segmentation::Udp;
            break;
        default:
            offload.segmentation = Offload::Segmentation::Unknown;
    }
    offload.segment_size = header.segment_size;
    return offload;
}

class ReceivingDevice final : public Device, private poller::Watcher {
public:
    ReceivingDevice(std::string name, unsigned index, const Options& options, int fd)
        : _name(std::move(name)), _index(index), _options(options), _socket(fd) {}
    ~ReceivingDevice() override {
        on_receive(nullptr);
        if (_ring) {
            munmap(_ring, kSlots * kSlotSize);
        }
    }

    bool prepare(ErrorHandler& errh);
    bool start(ErrorHandler& errh) override;
    void receive(PacketBatch& batch, unsigned most) override;
    void transmit(PacketBatch&, PacketBatch&, PacketBatch&) override { panic("device opened to receive only"); }
    bool waiting() const override { return _next_segment < _segments.size() || slot_filled(); }
    void on_receive(Task* task) override;
    bool on_transmit_room(Task*) override { return false; }
    uint64_t drops() override;
    bool link_up() override { return running(_socket.get(), _name); }
    bool gone() const override { return !interface_exists(_index); }
    unsigned queues() override { return 1; }
    const char* method() const override { return "LINUX"; }
    const std::string& name() const override { return _name; }

private:
    static constexpr unsigned kSlotSize = 2048;  ///< holds an Ethernet frame with its tags and the kernel's header
    static constexpr unsigned kSlots = 4096;     ///< what may come in while we do not get the processor: 8 MiB
    static constexpr unsigned kBlockSize = 65536;
    static constexpr uint32_t kLongestFrame = 65536 + 64;  ///< one TCP segment of 64 KiB with its headers
    static constexpr int kLongFrameBuffer = 16 << 20;
    static constexpr uint32_t kTag = 4;

    void ready(int fd, uint32_t events) override;
    tpacket2_hdr* slot() const { return reinterpret_cast<tpacket2_hdr*>(_ring + size_t{_next} * kSlotSize); }
    /// Whether the kernel has put a frame there, which it says last.
    bool slot_filled() const {
        return std::atomic_ref(slot()->tp_status).load(std::memory_order_acquire) & TP_STATUS_USER;
    }
    void take_slot(const tpacket2_hdr& header, PacketBatch& batch);
    void take_frame(const uint8_t* frame, uint32_t length, const Offload& offload, const tpacket2_hdr& header,
                    PacketBatch& batch);
    void finish(PacketPtr packet, const tpacket2_hdr& header, PacketBatch& batch);
    bool read_long_frame(const uint8_t*& frame, uint32_t& length, Offload& offload);

    std::string _name;
    unsigned _index;
    Options _options;
    Descriptor _socket;
    std::unique_ptr<IngressBlock> _block;
    uint8_t* _ring = nullptr;
    unsigned _next = 0;
    unsigned _end = 0;                 ///< how far the batch that is being received may be filled
    std::vector<PacketPtr> _segments;  ///< segments for which there was no room in a batch
    size_t _next_segment = 0;
    std::unique_ptr<uint8_t[]> _long_frame;
    uint64_t _drops = 0;
    Task* _task = nullptr;
};

bool ReceivingDevice::prepare(ErrorHandler& errh) {
    int fd = _socket.get();
    if (!set_packet_option(fd, PACKET_VERSION, int{TPACKET_V2}) || !set_packet_option(fd, PACKET_VNET_HDR, 1)) {
        refuse(errh, _name, "cannot set up the receive ring");
        return false;
    }
    // Without this, each frame that we send would take a slot of the ring just to be thrown away. Linux before 4.20 has
    // no such option, and `finish` sorts those frames out.
    if (!_options.outbound) {
        set_packet_option(fd, PACKET_IGNORE_OUTGOING, 1);
    }
    // Frames that are longer than a slot come whole, beside the ring.
    grow_buffer(fd, SO_RCVBUF, SO_RCVBUFFORCE, kLongFrameBuffer);
    tpacket_req request{};
    request.tp_block_size = kBlockSize;
    request.tp_block_nr = kSlots / (kBlockSize / kSlotSize);
    request.tp_frame_size = kSlotSize;
    request.tp_frame_nr = kSlots;
    if (!set_packet_option(fd, PACKET_COPY_THRESH, 1) || !set_packet_option(fd, PACKET_RX_RING, request)) {
        refuse(errh, _name, "cannot set up the receive ring");
        return false;
    }
    void* ring = mmap(nullptr, size_t{kSlots} * kSlotSize, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (ring == MAP_FAILED) {
        refuse(errh, _name, "cannot map the receive ring");
        return false;
    }
    _ring = static_cast<uint8_t*>(ring);
    if (_options.promiscuous && !make_promiscuous(fd, _index)) {
        refuse(errh, _name, "cannot make promiscuous");
        return false;
    }
    return _options.sniffer || (_block = IngressBlock::make(_name, errh));
}

bool ReceivingDevice::start(ErrorHandler& errh) {
    if (!bind_to(_socket.get(), _index, _options.protocol ? _options.protocol : ETH_P_ALL)) {
        refuse(errh, _name, "cannot bind");
        return false;
    }
    return true;
}

void ReceivingDevice::on_receive(Task* task) {
    _task = task;
    if (!task) {
        poller::unwatch(_socket.get());
    } else if (!poller::watch(_socket.get(), poller::kReadable, *this)) {
        panic("cannot wait for packets");
    }
}

void ReceivingDevice::ready(int fd, uint32_t) {
    // An interface that goes down leaves an error, which would make the descriptor ready for ever.
    if (!slot_filled()) {
        int error;
        socklen_t size = sizeof error;
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    }
    _task->reschedule();
}

void ReceivingDevice::receive(PacketBatch& batch, unsigned most) {
    _end = batch.size() + std::min(most, batch.room());
    while (batch.size() < _end && _next_segment < _segments.size()) {
        batch.append(std::move(_segments[_next_segment++]));
    }
    while (batch.size() < _end) {
        if (!slot_filled()) {
            return;
        }
        tpacket2_hdr* header = slot();
        take_slot(*header, batch);
        std::atomic_ref(header->tp_status).store(TP_STATUS_KERNEL, std::memory_order_release);
        _next = _next + 1 == kSlots ? 0 : _next + 1;
        __builtin_prefetch(slot());
    }
}

void ReceivingDevice::take_slot(const tpacket2_hdr& header, PacketBatch& batch) {
    const auto* slot_start = reinterpret_cast<const uint8_t*>(&header);
    const uint8_t* frame = slot_start + header.tp_mac;
    uint32_t length = header.tp_snaplen;
    Offload offload;
    if (header.tp_status & TP_STATUS_COPY) {
        if (!read_long_frame(frame, length, offload)) {
            ++_drops;
            return;
        }
    } else if (header.tp_snaplen < header.tp_len) {
        ++_drops;  // longer than a slot, and there was no memory for the whole
        return;
    } else {
        VirtioHeader unfinished;
        std::memcpy(&unfinished, frame - sizeof unfinished, sizeof unfinished);
        offload = read_offload(unfinished);
    }
    take_frame(frame, length, offload, header, batch);
}

bool ReceivingDevice::read_long_frame(const uint8_t*& frame, uint32_t& length, Offload& offload) {
    if (!_long_frame) {
        _long_frame.reset(new (std::nothrow) uint8_t[kLongestFrame]);
        if (!_long_frame) {
            return false;
        }
    }
    VirtioHeader unfinished;
    iovec parts[2] = {{&unfinished, sizeof unfinished}, {_long_frame.get(), kLongestFrame}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    ssize_t got = recvmsg(_socket.get(), &message, MSG_DONTWAIT | MSG_TRUNC);
    if (got < ssize_t{sizeof unfinished} || got > ssize_t{sizeof unfinished + kLongestFrame}) {
        return false;
    }
    frame = _long_frame.get();
    length = static_cast<uint32_t>(got) - sizeof unfinished;
    offload = read_offload(unfinished);
    return true;
}

void ReceivingDevice::take_frame(const uint8_t* frame, uint32_t length, const Offload& offload,
                                 const tpacket2_hdr& header, PacketBatch& batch) {
    if (offload.segmentation != Offload::Segmentation::None) [[unlikely]] {
        std::vector<PacketPtr> segments;
        if (!segment_frame(frame, length, offload, _options.headroom + kTag, segments)) {
            ++_drops;
            return;
        }
        for (PacketPtr& segment : segments) {
            finish(std::move(segment), header, batch);
        }
        return;
    }
    PacketPtr packet = Packet::make(_options.headroom + kTag, frame, length, Packet::kMinTailroom);
    if (!packet || (offload.partial_checksum && !complete_checksum(packet->mutable_data(), length, offload))) {
        ++_drops;
        return;
    }
    finish(std::move(packet), header, batch);
}

/// Gives a frame its VLAN tag, annotations and length, and hands it over now or, when the batch has enough, next time.
void ReceivingDevice::finish(PacketPtr packet, const tpacket2_hdr& header, PacketBatch& batch) {
    const auto* from = reinterpret_cast<const sockaddr_ll*>(reinterpret_cast<const uint8_t*>(&header) +
                                                            TPACKET_ALIGN(sizeof(tpacket2_hdr)));
    if (from->sll_pkttype == PACKET_OUTGOING && !_options.outbound) {
        return;
    }
    if ((header.tp_status & TP_STATUS_VLAN_VALID) && packet->length() >= 2 * sizeof(ethhdr::h_dest)) {
        uint16_t tag[2] = {net16((header.tp_status & TP_STATUS_VLAN_TPID_VALID) ? header.tp_vlan_tpid : ETH_P_8021Q),
                           net16(header.tp_vlan_tci)};
        constexpr size_t kAddresses = 2 * ETH_ALEN;
        packet->unpull(kTag);
        std::memmove(packet->mutable_data(), packet->data() + kTag, kAddresses);
        std::memcpy(packet->mutable_data() + kAddresses, tag, sizeof tag);
    }
    if (packet->length() > _options.snap_length) {
        uint32_t cut = packet->length() - _options.snap_length;
        packet->take(cut);
        packet->set_anno_u32(anno::kExtraLength, cut);
    }
    packet->set_type(static_cast<Packet::Type>(from->sll_pkttype));
    packet->set_timestamp(int64_t{header.tp_sec} * 1'000'000'000 + header.tp_nsec);
    packet->set_mac_header(packet->data());
    if (batch.size() < _end) {
        batch.append(std::move(packet));
        return;
    }
    if (_next_segment == _segments.size()) {
        _segments.clear();
        _next_segment = 0;
    }
    _segments.push_back(std::move(packet));
}

uint64_t ReceivingDevice::drops() {
    tpacket_stats stats{};
    socklen_t size = sizeof stats;
    // The kernel counts from the last time it was asked.
    if (getsockopt(_socket.get(), SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0) {
        _drops += stats.tp_drops;
    }
    return _drops;
}

}  // namespace

std::unique_ptr<Device> open_packet_receiver(std::string name, unsigned index, const Device::Options& options,
                                             ErrorHandler& errh) {
    int fd = packet_socket(name, errh);
    if (fd < 0) {
        return nullptr;
    }
    auto device = std::make_unique<ReceivingDevice>(std::move(name), index, options, fd);
    return device->prepare(errh) ? std::move(device) : nullptr;
}

}  // namespace click::platform

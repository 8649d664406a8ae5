// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <xdp/xsk.h>
#include <click/batch.hh>

#include <memory>
#include <string>
#include <vector>

namespace click {

class ErrorHandler;

/// The AF_XDP socket of one queue of an interface, of which there can be one only. Its two halves are used by one element each,
/// which may belong to two workers: the receiver has the rings RX and FILL, the sender TX and COMPLETION.
class XdpSocket {
public:
    /// Frames that wait to be received, or to be sent.
    static constexpr uint32_t kReceiveSlots = 4096;
    static constexpr uint32_t kSendSlots = 2048;

    /// That of the queue, opened unless it is already. Null after a report.
    static std::shared_ptr<XdpSocket> open(const std::string& name, unsigned index, unsigned queue, ErrorHandler& errh);
    XdpSocket();
    XdpSocket(const XdpSocket&) = delete;
    XdpSocket& operator=(const XdpSocket&) = delete;
    ~XdpSocket();

    int fd() const { return xsk_socket__fd(_socket); }
    /// Whether the driver reads and writes the arena itself; else the kernel copies each frame there and from there.
    bool zero_copy() const { return _zero_copy; }

    /// Makes `owner` the one that receives, or sends. False if there is another.
    bool claim_receiver(const void* owner) { return claim(_receiver, owner); }
    bool claim_sender(const void* owner) { return claim(_sender, owner); }
    /// Lets the half go that `owner` has.
    void leave(const void* owner);

    /// Gives the kernel chunks to receive into. False if there are not enough free ones.
    bool fill();
    /// Appends at most `most` received packets, in the chunks that the kernel wrote, as long as there are plenty of
    /// others; else copies with so much headroom. Those for which there was no memory are counted in `lost`.
    void receive(PacketBatch& batch, unsigned most, uint32_t headroom, uint64_t& lost);
    bool received() const;
    /// Frames that the kernel dropped for this socket.
    uint64_t drops() const;

    /// Puts packets into the ring, from the front of the batch, for as long as there is room: those whose bytes only they use
    /// as they lie in the arena, others as copies. The socket owns them until `collect`.
    void put(PacketBatch& batch);
    /// Has the kernel send what is in the ring. 0, or the errno that says why it does not.
    int send();
    /// Appends packets that the kernel is done with.
    void collect(PacketBatch& sent);
    /// Packets that have been put and not collected.
    uint32_t held() const { return _held_count; }

private:
    static bool claim(const void*& place, const void* owner);
    bool create(const std::string& name, unsigned queue);
    uint32_t place(Packet& packet);

    xsk_umem* _umem = nullptr;
    xsk_socket* _socket = nullptr;
    xsk_ring_prod _fill{};
    xsk_ring_cons _completion{};
    xsk_ring_cons _rx{};
    xsk_ring_prod _tx{};
    bool _zero_copy = false;
    const void* _receiver = nullptr;
    const void* _sender = nullptr;
    std::vector<bool> _lent;     ///< by chunk: whether the kernel has it to receive into
    std::vector<Packet*> _held;  ///< by chunk: the packet that is being sent from it
    uint32_t _held_count = 0;
    bool _filled = false;
};

}  // namespace click

// SPDX-License-Identifier: Apache-2.0
//
// An nftables chain at the interface's ingress hook whose policy is to drop, in a table that belongs to our netlink socket
// (NFT_TABLE_F_OWNER, Linux 5.12): it goes when the socket is closed.
#include "platform/linux/ingress_block.hh"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "net/ipaddress.hh"

namespace click {

namespace {

constexpr uint32_t kTableOwner = 2;  // NFT_TABLE_F_OWNER, newer than some headers

/// Messages of one nftables transaction.
class Transaction {
public:
    Transaction() { begin(NFNL_MSG_BATCH_BEGIN, AF_UNSPEC, NFNL_SUBSYS_NFTABLES, 0); }

    void begin(uint16_t type, uint8_t family, uint16_t resource, uint16_t flags) {
        finish();
        _message = _bytes.size();
        nlmsghdr header{};
        header.nlmsg_type = type;
        header.nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | flags);
        append(&header, sizeof header);
        nfgenmsg generic{};
        generic.nfgen_family = family;
        generic.version = NFNETLINK_V0;
        generic.res_id = net16(resource);
        append(&generic, sizeof generic);
    }
    void attribute(uint16_t type, std::string_view text) {
        put_header(type, text.size() + 1);
        append(text.data(), text.size());
        _bytes += '\0';
        pad();
    }
    void attribute(uint16_t type, uint32_t number) {
        number = net32(number);
        put_header(type, sizeof number);
        append(&number, sizeof number);
    }
    size_t begin_nested(uint16_t type) {
        size_t start = _bytes.size();
        put_header(static_cast<uint16_t>(type | NLA_F_NESTED), 0);
        return start;
    }
    void end_nested(size_t start) {
        auto length = static_cast<uint16_t>(_bytes.size() - start);
        std::memcpy(_bytes.data() + start, &length, sizeof length);
    }
    const std::string& end() {
        begin(NFNL_MSG_BATCH_END, AF_UNSPEC, NFNL_SUBSYS_NFTABLES, 0);
        finish();
        return _bytes;
    }

private:
    void append(const void* bytes, size_t length) { _bytes.append(static_cast<const char*>(bytes), length); }
    void pad() { _bytes.resize(NLMSG_ALIGN(_bytes.size())); }
    void put_header(uint16_t type, size_t payload) {
        nlattr header{static_cast<uint16_t>(sizeof header + payload), type};
        append(&header, sizeof header);
    }
    void finish() {
        if (!_bytes.empty()) {
            auto length = static_cast<uint32_t>(_bytes.size() - _message);
            std::memcpy(_bytes.data() + _message, &length, sizeof length);
        }
    }

    std::string _bytes;
    size_t _message = 0;
};

constexpr uint16_t message_type(uint16_t message) { return static_cast<uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | message); }

std::string drop_all(const std::string& interface, const std::string& table) {
    Transaction transaction;
    transaction.begin(message_type(NFT_MSG_NEWTABLE), NFPROTO_NETDEV, 0, NLM_F_CREATE | NLM_F_EXCL);
    transaction.attribute(NFTA_TABLE_NAME, table);
    transaction.attribute(NFTA_TABLE_FLAGS, kTableOwner);
    // An acknowledgement of the last message answers for the whole transaction.
    transaction.begin(message_type(NFT_MSG_NEWCHAIN), NFPROTO_NETDEV, 0, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK);
    transaction.attribute(NFTA_CHAIN_TABLE, table);
    transaction.attribute(NFTA_CHAIN_NAME, "ingress");
    size_t hook = transaction.begin_nested(NFTA_CHAIN_HOOK);
    transaction.attribute(NFTA_HOOK_HOOKNUM, uint32_t{NF_NETDEV_INGRESS});
    transaction.attribute(NFTA_HOOK_PRIORITY, 0);
    transaction.attribute(NFTA_HOOK_DEV, interface);
    transaction.end_nested(hook);
    transaction.attribute(NFTA_CHAIN_POLICY, uint32_t{NF_DROP});
    transaction.attribute(NFTA_CHAIN_TYPE, "filter");
    return transaction.end();
}

/// Sends a transaction and waits for its answer; the errno that the kernel answers with, or 0.
int commit(int netlink, const std::string& transaction) {
    if (send(netlink, transaction.data(), transaction.size(), 0) < 0) {
        return errno;
    }
    alignas(nlmsghdr) char answer[4096];
    ssize_t got = recv(netlink, answer, sizeof answer, 0);
    if (got < 0) {
        return errno;
    }
    const auto* header = reinterpret_cast<const nlmsghdr*>(answer);
    if (got < ssize_t{NLMSG_LENGTH(sizeof(nlmsgerr))} || header->nlmsg_type != NLMSG_ERROR) {
        return EPROTO;
    }
    return -reinterpret_cast<const nlmsgerr*>(NLMSG_DATA(header))->error;
}

}  // namespace

std::unique_ptr<IngressBlock> IngressBlock::make(const std::string& interface, ErrorHandler& errh) {
    int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    socklen_t size = sizeof address;
    int error = netlink < 0 || bind(netlink, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0 ||
                        getsockname(netlink, reinterpret_cast<sockaddr*>(&address), &size) < 0
                    ? errno
                    : commit(netlink, drop_all(interface, "click-" + std::to_string(address.nl_pid)));
    if (error != 0) {
        errh.error("%s: SNIFFER false: cannot keep the kernel from the device: %s", interface.c_str(),
                   std::strerror(error));
        if (netlink >= 0) {
            close(netlink);
        }
        return nullptr;
    }
    return std::unique_ptr<IngressBlock>(new IngressBlock(netlink));
}

IngressBlock::~IngressBlock() { close(_netlink); }

}  // namespace click

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/errorhandler.hh>

#include <memory>
#include <string>

namespace click {

/// While it lives, the machine's own network stack gets nothing from an interface; packet sockets, which look before it,
/// get all. The kernel takes the block away with the program, however that ends.
class IngressBlock {
public:
    /// Null after a report.
    static std::unique_ptr<IngressBlock> make(const std::string& interface, ErrorHandler& errh);
    IngressBlock(const IngressBlock&) = delete;
    IngressBlock& operator=(const IngressBlock&) = delete;
    ~IngressBlock();

private:
    explicit IngressBlock(int netlink) : _netlink(netlink) {}

    int _netlink;
};

}  // namespace click

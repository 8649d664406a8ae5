// SPDX-License-Identifier: Apache-2.0
/*
=c
SetRandIPAddress(PREFIX [, LIMIT])
=s ip
sets destination annotations to random addresses
=d
Sets each packet's destination IP address annotation to a random address of PREFIX. With LIMIT, there are at most so many
different ones.
=e
  RandomSeed(7);
  InfiniteSource(LIMIT 3, STOP true) -> SetRandIPAddress(10.0.0.0/8) -> Print(PRINTANNO true) -> Discard;
=a SetIPAddress, RandomSeed
*/
#include <click/annotations.hh>
#include <click/element.hh>

#include "lib/random.hh"
#include "lib/table.hh"

namespace click {

namespace {

class SetRandIPAddress final : public PacketAction<SetRandIPAddress> {
public:
    const char* class_name() const override { return "SetRandIPAddress"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        int32_t limit = -1;
        if (Args(conf, this, errh)
                .mandatory("PREFIX", _prefix)
                .optional("LIMIT", bounded(limit, -1, 1 << 20))
                .complete() < 0) {
            return -1;
        }
        return _addresses.allocate(limit > 0 ? static_cast<uint64_t>(limit) : 0, "addresses", errh);
    }

    PacketPtr simple_action(PacketPtr packet) {
        anno::set_dst_ip(*packet, next());
        return packet;
    }

private:
    IPAddress next() {
        RandomNumbers& random = random_numbers();
        if (_addresses.size() == 0) {
            return address(random);
        }
        // The first packets draw the addresses, later ones choose among them.
        if (_drawn < _addresses.size()) {
            return _addresses[_drawn++] = address(random);
        }
        return _addresses[random.below(static_cast<uint32_t>(_addresses.size()))];
    }
    IPAddress address(RandomNumbers& random) const {
        uint32_t bits = random.next() << 16 ^ random.next();
        uint32_t mask = _prefix.mask.network_order();
        return IPAddress((_prefix.address.network_order() & mask) | (bits & ~mask));
    }

    IPPrefix _prefix;
    Table<IPAddress> _addresses;
    size_t _drawn = 0;
};

}  // namespace

CLICK_ELEMENT(SetRandIPAddress)

}  // namespace click

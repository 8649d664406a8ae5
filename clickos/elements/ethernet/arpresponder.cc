// SPDX-License-Identifier: Apache-2.0
/*
=c
ARPResponder(IP/MASK [IP/MASK...] ETH, IP/MASK... ETH, ..., I<keywords> TIMESTAMP)
=s arp
answers ARP requests
=d
Takes ARP requests with their Ethernet header and sends the replies for the addresses and networks that it is configured
with, from the Ethernet address that follows or precedes them in the argument. Of several networks that hold an address
the one with the longest mask counts. Other packets leave by output 1, if there is one, or are dropped.

Keyword arguments are:
=over 8
=item TIMESTAMP
Boolean. Whether a reply is stamped with the present time; else it has the request's timestamp. Default is true.
=back
=h table read-only
All addresses, one C<IP/MASK ETH> a line.
=h lookup read
The Ethernet address for an IP address.
=h add write-only
Adds C<IP/MASK... ETH>; an address that is there already gets the new Ethernet address.
=h remove write-only
Removes an C<IP/MASK>.
=e
  FromDevice(eth0) -> c :: Classifier(12/0806 20/0001);
  c[0] -> ARPResponder(18.26.4.24 0:c0:4f:71:f:ba, 18.26.8.0/24 0:c0:4f:71:f:ba) -> Queue -> ToDevice(eth0);
=a ARPQuerier, ARPFaker
*/
#include <click/clock.hh>
#include <click/element.hh>
#include <click/names.hh>

#include <algorithm>
#include <bit>

#include "elements/ethernet/arppacket.hh"
#include "lang/confparse.hh"

namespace click {

namespace {

class ARPResponder final : public PacketAction<ARPResponder> {
public:
    const char* class_name() const override { return "ARPResponder"; }
    const char* port_count() const override { return "1/1-2"; }
    const char* processing() const override { return "a/ah"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override;

    PacketPtr simple_action(PacketPtr packet);

private:
    struct Entry {
        IPPrefix prefix;
        EtherAddress ether;
    };

    bool parse_entries(std::string_view text, std::vector<Entry>& entries, ErrorHandler& errh) const;
    static void add_entry(std::vector<Entry>& entries, const Entry& entry);
    const Entry* find(IPAddress ip) const;

    std::string table() const;
    std::string lookup(std::string_view parameter, ErrorHandler& errh) const;
    int add(std::string_view value, ErrorHandler& errh);
    int remove(std::string_view value, ErrorHandler& errh);

    std::vector<Entry> _entries;
    bool _timestamp = true;
};

bool ARPResponder::parse_entries(std::string_view text, std::vector<Entry>& entries, ErrorHandler& errh) const {
    std::vector<IPPrefix> prefixes;
    EtherAddress ether;
    bool has_ether = false;
    for (const std::string& word : split_words(text)) {
        IPPrefix prefix;
        EtherAddress address;
        // A name can stand for both.
        bool is_prefix = find_ip_prefix(word, this, true, prefix);
        bool is_ether = find_ether_address(word, this, address);
        if (is_prefix) {
            prefix.address = prefix.address & prefix.mask;
            prefixes.push_back(prefix);
        }
        if (is_ether && has_ether) {
            errh.error("more than one ETH");
            return false;
        }
        if (is_ether) {
            ether = address;
            has_ether = true;
        }
        if (!is_prefix && !is_ether) {
            errh.error("argument should be 'IP/MASK ETH', got '%s'", word.c_str());
            return false;
        }
    }
    if (!has_ether || prefixes.empty()) {
        errh.error(has_ether ? "no IP addresses" : "missing ETH");
        return false;
    }
    for (const IPPrefix& prefix : prefixes) {
        add_entry(entries, {prefix, ether});
    }
    return true;
}

/// Keeps the entries sorted by mask, longest first, so that the first one that fits is the right one.
void ARPResponder::add_entry(std::vector<Entry>& entries, const Entry& entry) {
    auto same = std::find_if(entries.begin(), entries.end(), [&](const Entry& one) {
        return one.prefix.address == entry.prefix.address && one.prefix.mask == entry.prefix.mask;
    });
    if (same != entries.end()) {
        same->ether = entry.ether;
        return;
    }
    auto bits = [](const Entry& one) { return std::popcount(one.prefix.mask.network_order()); };
    auto place =
        std::find_if(entries.begin(), entries.end(), [&](const Entry& one) { return bits(one) < bits(entry); });
    entries.insert(place, entry);
}

int ARPResponder::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    std::vector<std::string> arguments;
    std::vector<Entry> entries;
    bool timestamp = true;
    if (Args(conf, this, errh).keyword("TIMESTAMP", timestamp).rest(arguments).complete() < 0) {
        return -1;
    }
    bool failed = false;
    for (size_t i = 0; i < arguments.size(); ++i) {
        PrefixErrorHandler argument_errh(errh, "argument " + std::to_string(i) + ": ");
        failed |= !parse_entries(arguments[i], entries, argument_errh);
    }
    if (failed) {
        return -1;
    }
    _entries = std::move(entries);
    _timestamp = timestamp;
    return 0;
}

const ARPResponder::Entry* ARPResponder::find(IPAddress ip) const {
    auto found =
        std::find_if(_entries.begin(), _entries.end(), [&](const Entry& one) { return one.prefix.contains(ip); });
    return found == _entries.end() ? nullptr : &*found;
}

PacketPtr ARPResponder::simple_action(PacketPtr packet) {
    const ArpFrame* request = arp_frame(*packet, kArpRequest);
    IPAddress wanted = request ? IPAddress::read(request->arp.target_ip) : IPAddress();
    const Entry* entry = request ? find(wanted) : nullptr;
    if (!entry) {
        checked_push(1, std::move(packet));
        return {};
    }
    ArpParty asker{EtherAddress::read(request->arp.sender_ether), IPAddress::read(request->arp.sender_ip)};
    PacketPtr reply = make_arp_packet(kArpReply, {entry->ether, wanted}, asker, asker.ether);
    if (reply) {
        reply->set_timestamp(_timestamp ? clock::now() : packet->timestamp());
    }
    return reply;
}

std::string ARPResponder::table() const {
    std::string text;
    for (const Entry& entry : _entries) {
        text += entry.prefix.unparse() + " " + entry.ether.unparse() + "\n";
    }
    return text;
}

std::string ARPResponder::lookup(std::string_view parameter, ErrorHandler& errh) const {
    IPAddress ip;
    if (!find_ip_address(trim(parameter), this, ip)) {
        errh.error("expected IP address");
        return {};
    }
    const Entry* entry = find(ip);
    return entry ? entry->ether.unparse() : std::string();
}

int ARPResponder::add(std::string_view value, ErrorHandler& errh) {
    return parse_entries(value, _entries, errh) ? 0 : -1;
}

int ARPResponder::remove(std::string_view value, ErrorHandler& errh) {
    IPPrefix prefix;
    if (!find_ip_prefix(trim(value), this, true, prefix)) {
        return errh.error("expected IP/MASK");
    }
    size_t removed = std::erase_if(_entries, [&](const Entry& one) {
        return one.prefix.address == (prefix.address & prefix.mask) && one.prefix.mask == prefix.mask;
    });
    return removed != 0 ? 0 : errh.error("%s not found", prefix.unparse().c_str());
}

void ARPResponder::add_handlers() {
    add_read_handler<&ARPResponder::table>("table");
    add_read_handler<&ARPResponder::lookup>("lookup", 0, Handler::kReadParam);
    add_write_handler<&ARPResponder::add>("add");
    add_write_handler<&ARPResponder::remove>("remove");
}

}  // namespace

CLICK_ELEMENT(ARPResponder)

}  // namespace click

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/element.hh>
#include <click/packet_walk.hh>
#include <click/router.hh>
#include <click/storage.hh>

#include <algorithm>
#include <string>
#include <vector>

#include "lang/confparse.hh"

namespace click {

/// The queues that an element looks at, as those of active queue management do: those of its QUEUES argument, or else the
/// nearest ones downstream where it pushes, upstream where it pulls.
class WatchedQueues {
public:
    std::string& argument() { return _argument; }

    /// Finds them, at least one. Negative after a report.
    int find(const Element& element, ErrorHandler& errh) {
        if (find_any(element, errh) < 0) {
            return -1;
        }
        return _queues.empty() ? errh.error("no nearby Queues") : 0;
    }
    /// The same; there may be none.
    int find_any(const Element& element, ErrorHandler& errh) {
        _queues.clear();
        for (const std::string& name : split_words(_argument)) {
            Element* found = element.router().find(name, &element);
            if (!found) {
                return errh.error("no element named '%s'", name.c_str());
            }
            if (!found->as<Storage>()) {
                return errh.error("'%s' is not a Storage element", name.c_str());
            }
            _queues.push_back(found);
        }
        if (_queues.empty()) {
            bool down = element.output_is_push(0);
            PacketWalk walk(element.router(), down ? PacketWalk::Way::Downstream : PacketWalk::Way::Upstream);
            walk.from(element, 0, [&](Element& peer, int) {
                bool stores = peer.as<Storage>() != nullptr;
                if (stores && std::find(_queues.begin(), _queues.end(), &peer) == _queues.end()) {
                    _queues.push_back(&peer);
                }
                return !stores;
            });
        }
        return 0;
    }

    /// Packets that wait in all of them.
    uint64_t length() const {
        uint64_t sum = 0;
        for (Element* queue : _queues) {
            sum += queue->as<Storage>()->length();
        }
        return sum;
    }
    /// Packets for which the fullest one has room.
    uint64_t room() const {
        uint64_t least = ~uint64_t{0};
        for (Element* queue : _queues) {
            least = std::min<uint64_t>(least, queue->as<Storage>()->room());
        }
        return least;
    }
    /// Their names, one a line.
    std::string names() const {
        std::string text;
        for (const Element* queue : _queues) {
            text += queue->name() + '\n';
        }
        return text;
    }

private:
    std::string _argument;
    std::vector<Element*> _queues;
};

}  // namespace click

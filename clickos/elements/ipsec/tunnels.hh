// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <vector>

#include "elements/ipsec/association.hh"

namespace click {

/// The associations that the routes of a table send by. Who looks a route up annotates the packet with the number of its
/// tunnel; who encrypts finds the association by it. No number is used twice.
class Tunnels {
public:
    /// Where packets have the number of their tunnel: 4 bytes, 0 for none.
    static constexpr size_t kAnnotation = 36;
    static constexpr size_t kMost = 4096;

    /// The number of an association. Of two with the same index and keys the first one counts: several routes may lead
    /// through one tunnel. 0 when there are too many.
    uint32_t insert(AssociationPtr association) {
        for (auto& [number, tunnel] : _tunnels) {
            if (tunnel.association->same_as(*association)) {
                return number;
            }
        }
        if (_tunnels.size() == kMost) {
            return 0;
        }
        _unused.push_back(++_last_number);
        _tunnels.try_emplace(_last_number, Tunnel{std::move(association), 0});
        return _last_number;
    }
    /// A route with this tunnel has come or is gone.
    void use(uint32_t number) { ++_tunnels.find(number)->second.routes; }
    void leave(uint32_t number) {
        if (--_tunnels.find(number)->second.routes == 0) {
            _unused.push_back(number);
        }
    }
    /// Forgets the tunnels that no route leads through any more.
    void forget_unused() {
        for (uint32_t number : _unused) {
            auto found = _tunnels.find(number);
            if (found != _tunnels.end() && found->second.routes == 0) {
                _tunnels.erase(found);
            }
        }
        _unused.clear();
        _found = nullptr;
    }

    /// Null when no such tunnel is left. Most packets go through that of the one before.
    Association* find(uint32_t number) {
        if (!_found || _found_number != number) {
            auto found = _tunnels.find(number);
            _found = found != _tunnels.end() ? found->second.association.get() : nullptr;
            _found_number = number;
        }
        return _found;
    }
    /// Those that are the same here and there go on with the numbers that they had there.
    void take(Tunnels& other) {
        for (auto& [number, tunnel] : _tunnels) {
            for (auto& [other_number, old] : other._tunnels) {
                if (old.association && tunnel.association->same_as(*old.association)) {
                    tunnel.association = std::move(old.association);
                    break;
                }
            }
        }
        _found = nullptr;
        other._tunnels.clear();
        other._found = nullptr;
    }
    std::string show() const {
        std::string text;
        for (const auto& [number, tunnel] : _tunnels) {
            text += tunnel.association->show() + '\n';
        }
        return text;
    }

private:
    struct Tunnel {
        AssociationPtr association;
        uint32_t routes;
    };

    std::map<uint32_t, Tunnel> _tunnels;
    std::vector<uint32_t> _unused;  ///< numbers of tunnels that may have no route any more
    uint32_t _last_number = 0;
    Association* _found = nullptr;
    uint32_t _found_number = 0;
};

}  // namespace click

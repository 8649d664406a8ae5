// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

/// Network interfaces of this host, through rtnetlink.
class Links {
public:
    Links();
    ~Links();
    Links(const Links&) = delete;
    Links& operator=(const Links&) = delete;

    /// Readable when an interface has come, changed or gone; `drain` makes it unreadable again.
    int changes() const { return _changes; }
    void drain() const;

    /// The interface's number, 0 when there is none of this name.
    static unsigned find(const std::string& name);
    static bool exists(unsigned index);

    /// Names the interface, gives it no address of its own, and brings it up.
    void bring_up(unsigned index, const std::string& name);

private:
    void request(const std::vector<char>& bytes, int acknowledgements, const std::string& intent) const;

    int _changes;
    int _requests;
    bool _ipv6;
};

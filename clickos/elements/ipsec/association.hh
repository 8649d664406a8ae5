// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/element.hh>
#include <click/secrets.hh>

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lib/esp_transform.hh"
#include "lib/replay_window.hh"

namespace click {

class Association;

/// Wipes the keys.
struct AssociationRelease {
    void operator()(Association* association) const;
};
using AssociationPtr = std::unique_ptr<Association, AssociationRelease>;

/// A security association of ESP (RFC 4303): keys, and sequence numbers in the one direction that it serves.
///
/// A configuration has it as `SPI ENC_KEY AUTH_KEY [REPLAY [OOWIN]] [ESN]`.
class Association {
public:
    enum class Opened : uint8_t { Good, Truncated, Replayed, Forged, BadPadding };

    /// Null after a report, in which no key is.
    static AssociationPtr make(std::span<const std::string> words, const Element* element, ErrorHandler& errh);

    uint32_t spi() const { return _spi; }
    /// Whether index and keys are the same.
    bool same_as(const Association& other) const { return _spi == other._spi && _fingerprint == other._fingerprint; }
    /// `0x00000100 aes-gcm-128 17 64 17 1938`: algorithm, last sequence number, window, packets, bytes.
    std::string show() const;

    /// Whether all sequence numbers are used up, so that a new association is needed.
    bool exhausted() const { return _window.last() == (_esn ? UINT64_MAX : UINT32_MAX); }
    /// Makes an IP packet the payload of an ESP packet. Null when memory is exhausted.
    [[nodiscard]] PacketPtr seal(PacketPtr packet, uint8_t next_header);
    /// Makes an unshared ESP packet, if it is good, the packet that was its payload.
    Opened open(Packet& packet, uint8_t& next_header);

private:
    friend struct AssociationRelease;
    Association() = default;
    ~Association() = default;

    uint32_t _spi = 0;
    bool _esn = false;
    uint64_t _nonce = 0;  ///< of the next packet sent; begins anywhere, so that keys may outlive the program
    uint64_t _packets = 0;
    uint64_t _bytes = 0;
    ReplayWindow _window;  ///< of an association to send by, only the last number counts
    EspTransform _transform;
    std::array<uint8_t, 32> _fingerprint{};
};

/// The words of an argument or a handler's value that are keys become secrets of the configuration.
void keep_keys(std::span<const std::string> words, Secrets& secrets);

/// The associations in a file, one a line; what follows a `#` is a comment. False after a report.
bool read_associations(const std::string& path, std::vector<AssociationPtr>& associations, const Element* element,
                       ErrorHandler& errh);

}  // namespace click

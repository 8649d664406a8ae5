// SPDX-License-Identifier: Apache-2.0
#include "domain_spec.hh"

#include <charconv>

#include "failure.hh"

namespace {

DomainSpec::Kind kind(const std::string& word) {
    if (word != "pv" && word != "pvh") {
        throw Failure("read the field 'kind', which is pv or pvh, got '" + word + "'", EINVAL);
    }
    return word == "pv" ? DomainSpec::Kind::pv : DomainSpec::Kind::pvh;
}

std::optional<DomainSpec::Handle> handle(const std::string& digits) {
    if (digits.empty()) {
        return std::nullopt;
    }
    DomainSpec::Handle bytes{};
    bool right = digits.size() == 2 * bytes.size();
    for (size_t at = 0; right && at < bytes.size(); at++) {
        const char* begin = digits.data() + 2 * at;
        right = std::from_chars(begin, begin + 2, bytes[at], 16).ptr == begin + 2;
    }
    if (!right) {
        throw Failure("read the field 'handle', which is 32 hexadecimal digits, got '" + digits + "'", EINVAL);
    }
    return bytes;
}

}  // namespace

DomainSpec DomainSpec::parse(const Message& request) {
    DomainSpec spec{
        .name = request.text("name"),
        .kind = ::kind(request.text("kind", "pv")),
        .memory_kib = request.number("memory_kib"),
        .cmdline = request.text("cmdline", ""),
        .ramdisk = request.text("ramdisk", ""),
        .startup_config = request.text("startup_config", ""),
        .handle = ::handle(request.text("handle", "")),
        .console = request.text("console", "0") == "1",
        .vifs = {},
    };
    for (const std::string& vif : request.all("vif")) {
        size_t first = vif.find(' ');
        size_t last = vif.rfind(' ');
        if (first == std::string::npos || first == last) {
            throw Failure("read the field 'vif', which is DEVICE MAC BRIDGE, got '" + vif + "'", EINVAL);
        }
        spec.vifs.push_back({vif.substr(0, first), vif.substr(first + 1, last - first - 1), vif.substr(last + 1)});
    }
    return spec;
}

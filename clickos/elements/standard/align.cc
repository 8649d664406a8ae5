// SPDX-License-Identifier: Apache-2.0
/*
=c
Align(MODULUS, OFFSET)
=s basicmod
accepts an alignment and passes packets unchanged
=d
Elsewhere, moves packets so that their data begins at OFFSET modulo MODULUS. The machines that this engine runs on read
at any address, so packets pass unchanged; configurations that name Align work.
=e
  FromDevice(eth0) -> Align(4, 2) -> Discard;
=a Strip
*/
#include <click/element.hh>

namespace click {

namespace {

class Align final : public Element {
public:
    const char* class_name() const override { return "Align"; }
    const char* port_count() const override { return "1/1"; }

    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        int modulus = 0;
        int offset = 0;
        if (Args(conf, this, errh).mandatory("MODULUS", modulus).mandatory("OFFSET", offset).complete() < 0) {
            return -1;
        }
        if (modulus != 1 && modulus != 2 && modulus != 4 && modulus != 8) {
            return errh.error("modulus must be 1, 2, 4, or 8");
        }
        if (offset < 0 || offset >= modulus) {
            return errh.error("offset must be >= 0 and < modulus");
        }
        return 0;
    }
};

}  // namespace

CLICK_ELEMENT(Align)

}  // namespace click

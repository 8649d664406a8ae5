// SPDX-License-Identifier: Apache-2.0
/*
=c
ChangeUID
=s control
gives up privileges of a program that runs as another user than started it
=d
Once all elements are initialized, the program's effective user and group become the real ones, so that a program that is
installed with the set-user-ID bit opens its devices as root and works on them as the user who started it. It is an error
where that cannot be done.
=e
  ChangeUID;
  FromDevice(eth0) -> Discard;
=a FromDevice, KernelTap
*/
#include <unistd.h>

#include <click/element.hh>

namespace click {

namespace {

class ChangeUID final : public Element {
public:
    const char* class_name() const override { return "ChangeUID"; }
    int configure_phase() const override { return kPhaseLast; }
    int initialize(ErrorHandler& errh) override {
        // The group first: without the user's privileges it could not be changed any more.
        if (setgid(getgid()) < 0 || setuid(getuid()) < 0) {
            return errh.error("cannot give up privileges");
        }
        return 0;
    }
};

}  // namespace

CLICK_ELEMENT(ChangeUID)

}  // namespace click

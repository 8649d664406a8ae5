// SPDX-License-Identifier: Apache-2.0
/*
=c
Null
=s basictransfer
passes packets unchanged
=d
Passes packets from its input to its output, pushed or pulled.
=e
  InfiniteSource(LIMIT 1, STOP true) -> Null -> Discard;
=a PushNull, PullNull, Idle
*/
/*
=c
PushNull
=s basictransfer
passes pushed packets unchanged
=d
Like Null, but both of its ports push.
=e
  InfiniteSource(LIMIT 1, STOP true) -> PushNull -> Discard;
=a Null, PullNull
*/
/*
=c
PullNull
=s basictransfer
passes pulled packets unchanged
=d
Like Null, but both of its ports pull.
=e
  InfiniteSource(LIMIT 1, STOP true) -> PullNull -> Discard;
=a Null, PushNull
*/
#include <click/element.hh>

namespace click {

namespace {

class Null final : public Element {
public:
    const char* class_name() const override { return "Null"; }
    const char* port_count() const override { return "1/1"; }
    const char* flags() const override { return "stateless"; }
};

class PushNull final : public Element {
public:
    const char* class_name() const override { return "PushNull"; }
    const char* port_count() const override { return "1/1"; }
    const char* flags() const override { return "stateless"; }
    const char* processing() const override { return kPush; }
};

class PullNull final : public Element {
public:
    const char* class_name() const override { return "PullNull"; }
    const char* port_count() const override { return "1/1"; }
    const char* flags() const override { return "stateless"; }
    const char* processing() const override { return kPull; }
};

}  // namespace

CLICK_ELEMENT(Null)
CLICK_ELEMENT(PushNull)
CLICK_ELEMENT(PullNull)

}  // namespace click

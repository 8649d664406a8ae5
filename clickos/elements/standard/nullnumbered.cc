// SPDX-License-Identifier: Apache-2.0
/*
=c
Null1
Null2
Null3
Null4
Null5
Null6
Null7
Null8
=s basictransfer
passes packets unchanged
=d
Like Null, by eight other names, for configurations that tell copies of one path apart.
=e
  InfiniteSource(LIMIT 1, STOP true) -> Null1 -> Null2 -> Discard;
=a Null
*/
#include <click/element.hh>

namespace click {

namespace {

template <char Digit>
class NumberedNull : public Element {
public:
    const char* class_name() const override { return kName; }
    const char* port_count() const override { return "1/1"; }

private:
    static constexpr char kName[] = {'N', 'u', 'l', 'l', Digit, '\0'};
};

using Null1 = NumberedNull<'1'>;
using Null2 = NumberedNull<'2'>;
using Null3 = NumberedNull<'3'>;
using Null4 = NumberedNull<'4'>;
using Null5 = NumberedNull<'5'>;
using Null6 = NumberedNull<'6'>;
using Null7 = NumberedNull<'7'>;
using Null8 = NumberedNull<'8'>;

}  // namespace

CLICK_ELEMENT(Null1)
CLICK_ELEMENT(Null2)
CLICK_ELEMENT(Null3)
CLICK_ELEMENT(Null4)
CLICK_ELEMENT(Null5)
CLICK_ELEMENT(Null6)
CLICK_ELEMENT(Null7)
CLICK_ELEMENT(Null8)

}  // namespace click

// SPDX-License-Identifier: Apache-2.0
/*
=c
AlignmentInfo(ELEMENT [MODULUS OFFSET]..., ...)
=s information
says how packets are aligned
=d
Says of each ELEMENT that the data of packets that come to its first, second... input begin OFFSET bytes behind a multiple of
MODULUS. Tools write it into configurations that have been optimized. The engine reads headers wherever they lie, so it is
checked and changes nothing.
=e
  AlignmentInfo(c 4 2);
  InfiniteSource(LIMIT 1, STOP true) -> c :: Counter -> Discard;
=a Align, ScheduleInfo
*/
#include <click/router.hh>

#include "lang/confparse.hh"

namespace click {

namespace {

class AlignmentInfo final : public Element {
public:
    const char* class_name() const override { return "AlignmentInfo"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        bool failed = false;
        for (const std::string& one : conf) {
            std::vector<std::string> words = split_words(one);
            bool good = words.size() % 2 == 1;
            for (size_t i = 1; good && i + 1 < words.size(); i += 2) {
                uint64_t modulus = 0;
                uint64_t offset = 0;
                good = parse_unsigned(words[i], modulus) && parse_unsigned(words[i + 1], offset) && modulus > offset;
            }
            if (!good) {
                failed |= errh.error("expected 'ELEMENT [MODULUS OFFSET]...', got '%s'", one.c_str()) < 0;
            }
        }
        return failed ? -1 : 0;
    }
};

}  // namespace

CLICK_ELEMENT(AlignmentInfo)

}  // namespace click

// SPDX-License-Identifier: Apache-2.0
/*
=c
StaticThreadSched(ELEMENT THREAD, ...)
=s threads
says which thread runs which element
=d
Has the tasks of each ELEMENT run by thread number THREAD. Where ELEMENT is a compound element, THREAD counts for all that is
in it. The engine has one thread, number 0, which runs all: a higher number is warned of and changes nothing, so that
configurations for more threads run as they are.
=e
  StaticThreadSched(a 0, b 0);
  a :: InfiniteSource(LIMIT 1) -> Discard;
  b :: InfiniteSource(LIMIT 1) -> Discard;
=a BalancedThreadSched, ScheduleInfo
*/
/*
=c
BalancedThreadSched([INTERVAL, INCREASING])
=s threads
shares the work between threads
=d
Moves tasks between threads at intervals, so that all have the same to do. The engine has one thread, which has all of it:
there is nothing to move.

Arguments are:
=over 8
=item INTERVAL
Unsigned. Milliseconds between two looks. Default is 1000.
=item INCREASING
Boolean. Whether tasks are dealt out from the lightest to the heaviest, or the other way. Default is true.
=back
=h interval read/write
The INTERVAL argument.
=h increasing read/write
The INCREASING argument.
=e
  BalancedThreadSched(100);
  InfiniteSource(LIMIT 1) -> Discard;
=a StaticThreadSched
*/
#include <click/router.hh>

#include <algorithm>

#include "lang/confparse.hh"

namespace click {

namespace {

class StaticThreadSched final : public Element {
public:
    const char* class_name() const override { return "StaticThreadSched"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        size_t slash = name().rfind('/');
        std::string scope = slash == std::string::npos ? std::string() : name().substr(0, slash + 1);
        bool failed = false;
        for (const std::string& one : conf) {
            std::vector<std::string> words = split_words(one);
            ArgContext context(this, errh, words.empty() ? "ELEMENT" : words[0]);
            int32_t thread = 0;
            if (words.size() != 2) {
                failed |= errh.error("expected 'ELEMENT THREAD', got '%s'", one.c_str()) < 0;
            } else if (!parse_arg(words[1], thread, context)) {
                failed = true;
            } else if (!any_within(scope + words[0])) {
                failed |= errh.error("no element named '%s'", words[0].c_str()) < 0;
            } else if (thread != 0) {
                errh.warning("thread preference %d out of range", thread);
            }
        }
        return failed ? -1 : 0;
    }

private:
    /// Whether there is an element of that name, or one in the compound of that name.
    bool any_within(const std::string& wanted) const {
        return std::ranges::any_of(router().elements(), [&](const auto& element) {
            return element->name() == wanted || element->name().starts_with(wanted + "/");
        });
    }
};

class BalancedThreadSched final : public Element {
public:
    const char* class_name() const override { return "BalancedThreadSched"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).optional("INTERVAL", _interval).optional("INCREASING", _increasing).complete();
    }
    void add_handlers() override {
        add_setting_handler("interval", _interval);
        add_setting_handler("increasing", _increasing);
    }

private:
    static constexpr uint32_t kUsualInterval = 1000;

    uint32_t _interval = kUsualInterval;
    bool _increasing = true;
};

}  // namespace

CLICK_ELEMENT(StaticThreadSched)
CLICK_ELEMENT(BalancedThreadSched)

}  // namespace click

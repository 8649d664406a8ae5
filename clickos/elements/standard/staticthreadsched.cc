// SPDX-License-Identifier: Apache-2.0
/*
=c
StaticThreadSched(ELEMENT THREAD, ...)
=s threads
says which thread runs which element
=d
Has each ELEMENT run by thread number THREAD; thread 0 runs what is not named. Where ELEMENT is a compound element, THREAD
counts for all that is in it. How many threads there are, numbered from 0, the program is told when it starts (C<-j>); a higher
number is warned of and changes nothing, so that configurations for more threads run as they are. A ClickOS guest has one.

What counts is the thread of those elements that nobody else drives: sources, and those that pull by themselves. Whatever
they push to and pull from is run by the same thread, with its timers. Between threads there has to be a Queue, of which one
thread may fill and another one empty, or a ThreadSafeQueue for several on either side. A router in which two threads would
come by any other element is refused.
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
Takes the place of an element that moves tasks between threads at intervals. A running element stays on its thread here, so
that nothing is moved: StaticThreadSched says who runs what.

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
            } else if (thread < 0 || static_cast<unsigned>(thread) >= router().workers()) {
                errh.warning("thread preference %d out of range", thread);
            } else {
                set_homes(scope + words[0], static_cast<unsigned>(thread));
            }
        }
        return failed ? -1 : 0;
    }

private:
    /// Whether that is the element's name, or that of a compound that it is in.
    static bool covers(const std::string& name, const Element& element) {
        return element.name() == name || element.name().starts_with(name + "/");
    }
    bool any_within(const std::string& name) const {
        return std::ranges::any_of(router().elements(), [&](const auto& element) { return covers(name, *element); });
    }
    void set_homes(const std::string& name, unsigned thread) const {
        for (const auto& element : router().elements()) {
            if (covers(name, *element)) {
                router().set_home(*element, thread);
            }
        }
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

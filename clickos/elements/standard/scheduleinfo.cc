// SPDX-License-Identifier: Apache-2.0
/*
=c
ScheduleInfo(ELEMENT PARAM, ...)
=s information
says how often elements get a turn
=d
Gives tasks of elements a share of turns: PARAM is a real number, and an element of PARAM 2 gets twice as many turns as one
of PARAM 1, which is what an element has that is named nowhere. Where ELEMENT is a compound element, PARAM counts for all
that is in it, and parameters of compounds multiply with those of the elements inside.
=e
  ScheduleInfo(a 1, b 0.25);
  a :: InfiniteSource -> ca :: Counter -> Discard;
  b :: InfiniteSource -> cb :: Counter -> Discard;
=a StrideSched
*/
#include <click/router.hh>
#include <click/task.hh>

#include <algorithm>

#include "lang/confparse.hh"

namespace click {

namespace {

class ScheduleInfo final : public Element {
public:
    const char* class_name() const override { return "ScheduleInfo"; }
    /// Behind all that have tasks, before scripts.
    int configure_phase() const override { return kPhaseLast - 1; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        size_t slash = name().rfind('/');
        std::string scope = slash == std::string::npos ? std::string() : name().substr(0, slash + 1);
        std::vector<Share> shares;
        int errors = 0;
        for (const std::string& one : conf) {
            std::vector<std::string> words = split_words(one);
            double factor = 0;
            if (words.size() != 2 || !parse_real(words[1], factor) || !(factor > 0) || factor > kMostFactor) {
                errors += errh.error("bad schedule parameter '%s', should be 'ELEMENT PARAM'", one.c_str()) < 0 ? 1 : 0;
                continue;
            }
            shares.push_back({scope + words[0], factor});
        }
        for (const Share& share : shares) {
            const auto& all = router().elements();
            if (std::none_of(all.begin(), all.end(), [&](auto& element) { return share.covers(element->name()); })) {
                errors += errh.error("no element named '%s'", share.name.c_str()) < 0 ? 1 : 0;
            }
        }
        _shares = std::move(shares);
        return errors > 0 ? -1 : 0;
    }
    /// Whichever ScheduleInfo comes first sets all tickets by the parameters of all.
    int initialize(ErrorHandler& errh) override {
        set_tickets(errh);
        return 0;
    }

private:
    static constexpr double kMostFactor = 32;
    static constexpr double kTickets = 1024;
    static constexpr double kMostTickets = 32768;

    struct Share {
        std::string name;
        double factor;
        bool covers(const std::string& element) const {
            return element.compare(0, name.size(), name) == 0 &&
                   (element.size() == name.size() || element[name.size()] == '/');
        }
    };

    void set_tickets(ErrorHandler& errh) {
        for (const auto& element : router().elements()) {
            double factor = factor_of(element->name());
            const Handler* tickets = element->find_handler("tickets");
            if (factor > 0 && tickets && tickets->write) {
                double number = std::clamp(factor * kTickets, 1.0, kMostTickets);
                tickets->write(element.get(), std::to_string(static_cast<int>(number)), *tickets, errh);
            }
        }
    }
    /// The product of all that cover an element; 0 when nothing does.
    double factor_of(const std::string& element) {
        double product = 0;
        for (const auto& other : router().elements()) {
            if (!other->cast("ScheduleInfo")) {
                continue;
            }
            for (const Share& share : static_cast<ScheduleInfo&>(*other)._shares) {
                if (share.covers(element)) {
                    product = product == 0 ? share.factor : product * share.factor;
                }
            }
        }
        return product;
    }

    std::vector<Share> _shares;
};

}  // namespace

CLICK_ELEMENT(ScheduleInfo)

}  // namespace click

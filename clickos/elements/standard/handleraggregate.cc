// SPDX-License-Identifier: Apache-2.0
/*
=c
HandlerAggregate(ELEMENT E1, ELEMENT E2, ...)
=s counters
puts together what handlers of several elements return
=d
Its handlers take the name of a read handler as their parameter, call that of each of the elements, and return one number
for all. What is no number is an error.

Keyword arguments are:
=over 8
=item ELEMENT
The name of an element. Given once for each.
=back
=h add read
The sum of what the handlers return.
=h avg read
Their average.
=h min read
The least of them.
=h max read
The largest of them.
=e
  InfiniteSource(LIMIT 6, STOP true) -> r :: RoundRobinSwitch;
  r[0] -> a :: Counter -> Discard; r[1] -> b :: Counter -> Discard;
  both :: HandlerAggregate(ELEMENT a, ELEMENT b);
  DriverManager(wait_stop, print $(both.add count));
=a Counter, AverageCounter, Script
*/
#include <click/router.hh>

#include <algorithm>
#include <string>
#include <vector>

#include "lang/confparse.hh"
#include "lib/format.hh"

namespace click {

namespace {

class HandlerAggregate final : public Element {
public:
    const char* class_name() const override { return "HandlerAggregate"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    void add_handlers() override {
        add_read_handler<&HandlerAggregate::read>("add", kSum);
        add_read_handler<&HandlerAggregate::read>("avg", kAverage);
        add_read_handler<&HandlerAggregate::read>("min", kLeast);
        add_read_handler<&HandlerAggregate::read>("max", kLargest);
    }

private:
    enum { kSum, kAverage, kLeast, kLargest };

    std::string read(std::string_view parameter, int which, ErrorHandler& errh);

    std::vector<Element*> _elements;
};

int HandlerAggregate::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    int result = 0;
    for (const std::string& argument : conf) {
        std::string_view name = argument;
        if (is_keyword_argument(argument) && take_word(name) != "ELEMENT") {
            result = errh.error("expected 'ELEMENT NAME', got '%s'", argument.c_str());
            continue;
        }
        Element* element = nullptr;
        ArgContext context(this, errh, "ELEMENT");
        if (parse_arg(name, element, context)) {
            _elements.push_back(element);
        } else {
            result = -1;
        }
    }
    return !_elements.empty() || result < 0 ? result : errh.error("missing mandatory ELEMENT argument");
}

std::string HandlerAggregate::read(std::string_view parameter, int which, ErrorHandler& errh) {
    std::string_view arguments = trim(parameter);
    std::string handler(take_word(arguments));
    double result = 0;
    bool first = true;
    for (const Element* element : _elements) {
        std::string path = element->name() + '.' + handler;
        Router::HandlerRef found = router().find_handler(path);
        if (!found || !found.handler->read) {
            errh.error("no read handler '%s'", path.c_str());
            return {};
        }
        std::string text = router().read(found, arguments, errh);
        double value;
        if (!parse_real(trim(text), value)) {
            errh.error("'%s' is no number: %s", path.c_str(), text.c_str());
            return {};
        }
        if (which == kLeast || which == kLargest) {
            result = first ? value : (which == kLeast ? std::min(result, value) : std::max(result, value));
        } else {
            result += value;
        }
        first = false;
    }
    return format("%.15g", which == kAverage ? result / static_cast<double>(_elements.size()) : result);
}

}  // namespace

CLICK_ELEMENT(HandlerAggregate)

}  // namespace click

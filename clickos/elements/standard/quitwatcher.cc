// SPDX-License-Identifier: Apache-2.0
/*
=c
QuitWatcher(ELEMENT, ...)
=s control
stops the router when an element has nothing more to do
=d
Looks ten times a second whether the tasks of all ELEMENTs are scheduled, and stops the router when one of them is not.
=e
  s :: InfiniteSource(LIMIT 1000) -> Discard;
  QuitWatcher(s);
=a DriverManager, InfiniteSource
*/
#include <click/clock.hh>
#include <click/router.hh>
#include <click/task.hh>

#include <algorithm>

namespace click {

namespace {

class QuitWatcher final : public Element {
public:
    const char* class_name() const override { return "QuitWatcher"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        std::vector<Element*> watched;
        for (const std::string& one : conf) {
            Element* element = nullptr;
            ArgContext context(this, errh, "ELEMENT");
            if (!parse_arg(one, element, context)) {
                return -1;
            }
            watched.push_back(element);
        }
        _watched = std::move(watched);
        return 0;
    }
    int initialize(ErrorHandler& errh) override {
        for (const Element* element : _watched) {
            const Handler* handler = element->find_handler("scheduled");
            if (!handler || !handler->read) {
                return errh.error("%s has no task", element->declaration().c_str());
            }
        }
        _timer.initialize(this);
        _timer.schedule_after(kInterval);
        return 0;
    }

    void run_timer() override {
        bool over = std::any_of(_watched.begin(), _watched.end(), [](Element* element) {
            SilentErrorHandler silent;
            const Handler* handler = element->find_handler("scheduled");
            return handler->read(element, {}, *handler, silent) == "false";
        });
        if (over) {
            router().please_stop();
        } else {
            _timer.reschedule_after(kInterval);
        }
    }

private:
    static constexpr int64_t kInterval = clock::kSecond / 10;

    std::vector<Element*> _watched;
    Timer _timer{this};
};

}  // namespace

CLICK_ELEMENT(QuitWatcher)

}  // namespace click

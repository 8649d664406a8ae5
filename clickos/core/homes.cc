// SPDX-License-Identifier: Apache-2.0
//
// Which worker runs what of a router.
#include <click/router.hh>
#include <click/storage.hh>
#include <click/worker.hh>

#include <algorithm>
#include <bit>
#include <map>

#include "lib/format.hh"

namespace click {

namespace {

using Workers = uint64_t;  // a bit each
static_assert(kMostWorkers <= 64);

/// The flag of elements by which any number of workers may come at once.
constexpr std::string_view kStateless = "stateless";

bool is_stateless(const Element& element) { return element.flags() == kStateless; }

bool several(Workers workers) { return std::popcount(workers) > 1; }

/// Finds out which workers' calls come by which element.
///
/// Calls begin at elements that nobody else drives: those that push and are not pushed into, and those that pull and are not
/// pulled from. Whoever calls an element may have it push to any output and pull from any input, so flow codes decide
/// nothing here: what an element pushes aside while it is pulled from is no less a call. Behind what stores packets others
/// take over: who pushes into it gets no further than its overflow, who pulls from it no further at all.
class Reach {
public:
    explicit Reach(const Router& router) : _places(router.elements().size()) {}

    /// Whether calls begin at that element.
    static bool drives(const Element& element) {
        if (is_stateless(element)) {
            return false;  // an Idle has outputs, and nothing to send
        }
        bool calls = false;
        for (int port = 0; port < element.noutputs(); ++port) {
            if (element.output_is_pull(port)) {
                return false;
            }
            calls = true;
        }
        for (int port = 0; port < element.ninputs(); ++port) {
            if (element.input_is_push(port)) {
                return false;
            }
            calls = true;
        }
        return calls;
    }

    /// Either of both may call the other one. Where that is too much, it is the one who was asked for that is named.
    void acquaint(const Element& asking, const Element& asked) {
        place(asking).known.push_back({&asked, false});
        place(asked).known.push_back({&asking, true});
    }
    void begin(const Element& element, unsigned worker) { come(element, Entry::Own, Workers{1} << worker, element); }

    Workers workers(const Element& element) { return place(element).all(); }
    bool crossed(const Element& element) { return several(workers(element)); }
    /// Whether more workers come by the element at once than it bears.
    bool overrun(const Element& element) {
        const Place& here = place(element);
        if (!several(here.all())) {
            return false;
        }
        auto* storage = const_cast<Element&>(element).as<Storage>();
        switch (storage ? storage->sharing() : Storage::Sharing::None) {
            case Storage::Sharing::None:
                return !is_stateless(element);
            case Storage::Sharing::Ends:
                return several(here.pushed) || several(here.pulled);
            case Storage::Sharing::Pushers:
                return several(here.pulled);
            default:
                return false;
        }
    }
    /// Whether it is only behind an element that is overrun itself.
    bool follows(const Element& element) {
        const Place& here = place(element);
        for (const Element* caller : here.causes) {
            if (overrun(*caller) && (place(*caller).all() & here.all()) == here.all() && caller != &element) {
                return true;
            }
        }
        return false;
    }
    std::string describe(const Element& element) {
        std::string text;
        for (unsigned worker = 0; worker < kMostWorkers; ++worker) {
            if (!(workers(element) >> worker & 1)) {
                continue;
            }
            const Element* from = place(element).origin[worker];
            text += text.empty() ? "" : " and ";
            text += format("thread %u ('%s')", worker, from->name().c_str());
        }
        return text;
    }

private:
    enum class Entry : uint8_t { Own, Pushed, Pulled };

    struct Known {
        const Element* element;
        bool asked_for_this;
    };
    struct Place {
        Workers own = 0;
        Workers pushed = 0;
        Workers pulled = 0;
        std::vector<Known> known;
        std::vector<const Element*> causes;         ///< elements by which calls come, for reports
        std::map<unsigned, const Element*> origin;  ///< of each worker's calls
        Workers all() const { return own | pushed | pulled; }
    };

    Place& place(const Element& element) { return _places[static_cast<size_t>(element.index())]; }

    /// Notes calls, and all that they lead to.
    void come(const Element& element, Entry entry, Workers workers, const Element& origin) {
        note(element, entry, workers, origin);
        while (!_open.empty()) {
            const Element& next = *_open.back();
            _open.pop_back();
            leave(next);
        }
    }
    void note(const Element& element, Entry entry, Workers workers, const Element& origin) {
        Place& here = place(element);
        Workers& side = entry == Entry::Own ? here.own : entry == Entry::Pushed ? here.pushed : here.pulled;
        if ((side | workers) == side) {
            return;
        }
        for (unsigned worker = 0; worker < kMostWorkers; ++worker) {
            if (workers >> worker & 1) {
                here.origin.emplace(worker, &origin);
            }
        }
        side |= workers;
        _open.push_back(&element);
    }
    void leave(const Element& element) {
        const Place& here = place(element);
        bool stores = const_cast<Element&>(element).as<Storage>() != nullptr;
        Workers pushing = stores ? here.pushed | here.own : here.all();
        for (int port = 0; port < element.noutputs() && pushing; ++port) {
            if (element.output_is_push(port) && element.output(port).connected()) {
                call(element, *element.output(port).peer(), Entry::Pushed, pushing);
            }
        }
        for (int port = 0; port < element.ninputs() && !stores; ++port) {
            if (element.input_is_pull(port) && element.input(port).connected()) {
                call(element, *element.input(port).peer(), Entry::Pulled, here.all());
            }
        }
        for (const Known& known : here.known) {
            if (stores || const_cast<Element*>(known.element)->as<Storage>()) {
                continue;
            }
            if (known.asked_for_this) {
                place(*known.element).causes.push_back(&element);
            }
            pass(element, *known.element, Entry::Own, here.all());
        }
    }
    void call(const Element& from, const Element& to, Entry entry, Workers workers) {
        place(to).causes.push_back(&from);
        pass(from, to, entry, workers);
    }
    void pass(const Element& from, const Element& to, Entry entry, Workers workers) {
        for (unsigned worker = 0; worker < kMostWorkers; ++worker) {
            if (workers >> worker & 1) {
                note(to, entry, Workers{1} << worker, *place(from).origin.at(worker));
            }
        }
    }

    std::vector<Place> _places;
    std::vector<const Element*> _open;
};

}  // namespace

int Router::assign_homes(ErrorHandler& errh) {
    Reach reach(*this);
    std::map<const Element*, unsigned> wanted;
    for (auto [element, worker] : _several->wanted_homes) {
        wanted[element] = worker;  // what is said last counts
    }
    for (auto [asking, asked] : _several->acquaintances) {
        reach.acquaint(*asking, *asked);
    }
    _several->settled = true;
    auto begin_where = [&](auto condition) {
        for (const auto& element : _elements) {
            if (condition(*element)) {
                auto found = wanted.find(element.get());
                reach.begin(*element, found == wanted.end() ? 0 : found->second);
            }
        }
    };
    begin_where(Reach::drives);
    // What nobody drives may do so itself, by a descriptor or a timer; or nobody calls it (a script, a table). A worker that was
    // asked for goes before the one that was not.
    auto begins_itself = [&](const Element& element) { return reach.workers(element) == 0 && !is_stateless(element); };
    begin_where([&](const Element& element) { return begins_itself(element) && wanted.contains(&element); });
    begin_where(begins_itself);
    std::vector<const Element*> overrun;
    for (const auto& element : _elements) {
        Workers workers = reach.workers(*element);
        element->_home = &scheduler(workers == 0 ? 0 : static_cast<unsigned>(std::countr_zero(workers)));
        if (reach.overrun(*element)) {
            overrun.push_back(element.get());
        } else if (auto* storage = element->as<Storage>(); storage && reach.crossed(*element)) {
            storage->cross_workers();
        }
    }
    // Where they follow each other in a circle, each of them is named.
    auto follows = [&](const Element* element) { return reach.follows(*element); };
    bool name_all = std::all_of(overrun.begin(), overrun.end(), follows);
    for (const Element* element : overrun) {
        if (name_all || !follows(element)) {
            errh.error_at(
                element->landmark(),
                "'%s' is reached by %s; put a Queue (ThreadSafeQueue for several) between them, or give them one "
                "thread",
                element->declaration().c_str(), reach.describe(*element).c_str());
        }
    }
    return overrun.empty() ? 0 : -1;
}

}  // namespace click

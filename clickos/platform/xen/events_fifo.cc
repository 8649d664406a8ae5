// SPDX-License-Identifier: Apache-2.0
//
// The FIFO interface (Xen 4.4): one word for each of up to 131,072 ports, in pages that the guest provides when a port
// needs them, and queues of events that are ready. Only unmasked ports get into the queues, so they stay empty here.
#include <algorithm>
#include <atomic>

#include "platform/xen/events_abi.hh"
#include "platform/xen/hypercall.hh"
#include "platform/xen/machine.hh"
#include "platform/xen/memory.hh"

namespace click::xen::events {

namespace {

constexpr event_word_t kPending = event_word_t{1} << EVTCHN_FIFO_PENDING;
constexpr event_word_t kMasked = event_word_t{1} << EVTCHN_FIFO_MASKED;
constexpr unsigned kWordsPerPage = kPage / sizeof(event_word_t);
/// As many as Xen gives a guest that has not been given more by its configuration (1,023 ports), and some.
constexpr unsigned kMostPages = 4;

/// Aligned so that it lies in one page.
constexpr size_t kControlAlignment = 128;
static_assert(sizeof(evtchn_fifo_control_block) <= kControlAlignment);
alignas(kControlAlignment) constinit evtchn_fifo_control_block control = {};
constinit event_word_t* pages[kMostPages] = {};
constinit unsigned page_count = 0;

/// Has the next page ready; pages of before a suspend serve again.
bool provide() {
    event_word_t*& page = pages[page_count];
    if (!page) {
        page = static_cast<event_word_t*>(memory::allocate_pages(1));
    }
    return page != nullptr;
}

bool expand() {
    if (!provide()) {
        return false;
    }
    event_word_t* page = pages[page_count];
    std::fill_n(page, kWordsPerPage, kMasked);
    evtchn_expand_array request{frame_of(page)};
    if (event_channel_op(EVTCHNOP_expand_array, &request) != 0) {
        return false;
    }
    ++page_count;
    return true;
}

bool reach(evtchn_port_t port) {
    while (port >= page_count * kWordsPerPage) {
        if (page_count == kMostPages || !expand()) {
            return false;
        }
    }
    return true;
}

bool start() {
    page_count = 0;
    control = {};
    evtchn_init_control request{};
    request.control_gfn = frame_of(&control);
    request.offset = static_cast<uint32_t>(address(&control) % kPage);
    // Once the control block is there, there is no way back.
    return provide() && event_channel_op(EVTCHNOP_init_control, &request) == 0 && expand();
}

bool take(evtchn_port_t port) {
    if (port >= page_count * kWordsPerPage) {
        return false;
    }
    std::atomic_ref<event_word_t> word(pages[port / kWordsPerPage][port % kWordsPerPage]);
    return (word.load(std::memory_order_relaxed) & kPending) && (word.fetch_and(~kPending) & kPending);
}

}  // namespace

constinit const Abi fifo{start, reach, take};

}  // namespace click::xen::events

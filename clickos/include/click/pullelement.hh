// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/element.hh>
#include <click/notifier.hh>
#include <click/task.hh>

namespace click {

/// Base of elements that pull on their own account: at each turn up to BURST packets, at most LIMIT in all, while ACTIVE,
/// and not again before there is something to pull.
class PullElement : public Element {
public:
    int initialize(ErrorHandler& errh) override;
    int live_reconfigure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    bool run_task() override;

protected:
    /// What is done with the packets that were pulled; the batch may keep some, which are dropped.
    virtual void take(PacketBatch& batch) = 0;

    /// Goes on pulling, after something changed that it depends on.
    void start();
    void reset_count();
    void add_pull_handlers();

    bool _active = true;
    int64_t _limit = -1;  ///< negative: none
    int32_t _burst = 1;   ///< 0 or less: all that there is
    Tally _count;
    Task _task{this};

private:
    NotifierSignal _packets;
};

}  // namespace click

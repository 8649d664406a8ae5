// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/router.hh>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace click {

/// A class, as `x` with the arguments of its documented example, between `in0`, `in1`, ... and drains that fit its ports.
struct ClassBench {
    int inputs;
    std::string configuration;
};

/// Whether a class can stand between queues: not when it opens devices, files or sockets of the machine, whose tests make
/// these first, nor when no configuration can hold it.
bool has_class_bench(const ElementClass& element_class);

/// The benches that its port counts allow, likelier ones first; whether its arguments allow them is seen when they start.
std::vector<ClassBench> class_benches(const ElementClass& element_class);

/// A running router in the place of another, or null with the complaints.
std::unique_ptr<Router> start_bench(const ClassBench& bench, Scheduler& scheduler, Router* replaced, std::string& why);

/// Lets simulated time pass, in nanoseconds, and the router do what is due.
void run_for(Scheduler& scheduler, int64_t nanoseconds);

}  // namespace click

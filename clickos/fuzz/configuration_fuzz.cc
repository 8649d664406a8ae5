// SPDX-License-Identifier: Apache-2.0
#include "fuzz/configuration_fuzz.hh"

#include <click/router.hh>

#include <cstdlib>

#include "platform/platform.hh"

namespace click {

namespace {

void expect(bool condition, std::string_view text) {
    if (!condition) {
        platform::log(text);
        std::abort();
    }
}

}  // namespace

void fuzz_configuration(std::string_view text) {
    SilentErrorHandler errh;
    RouterDefinition definition;
    bool good = parse_router(text, "fuzz", {{"GIVEN", "1"}}, definition, errh);
    expect(good == (errh.error_count() == 0), text);
    if (!good) {
        return;
    }
    std::string flat = definition.unparse();
    RouterDefinition again;
    TextErrorHandler complaints;
    parse_router(flat, "flat", {}, again, complaints);
    expect(complaints.text().empty(), complaints.text() + flat);
    expect(again.unparse() == flat, flat);

    Scheduler scheduler;
    Router router(std::move(definition), {scheduler});
    router.configure(errh);
}

}  // namespace click

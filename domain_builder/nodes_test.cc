// SPDX-License-Identifier: Apache-2.0
#include "nodes.hh"

#include <doctest/doctest.h>
#include <xen/io/xs_wire.h>

#include <algorithm>

namespace {

/// Requests as lines, such as `write /a 1`; permissions as they are in the request.
std::string text(const std::vector<XenStore::Request>& requests) {
    std::string lines;
    for (const XenStore::Request& request : requests) {
        std::string rest = request.body.substr(request.path().size() + 1);
        std::ranges::replace(rest, '\0', ' ');
        lines += request.type == XS_WRITE ? "write " : request.type == XS_MKDIR ? "make " : "permit ";
        lines += request.path() + " " + rest + "\n";
    }
    return lines;
}

DomainSpec spec() {
    DomainSpec spec;
    spec.name = "d1";
    return spec;
}

constexpr char kPlain[] =
    "make /local/domain/7 \n"
    "permit /local/domain/7 n0 r7 \n"
    "write /local/domain/7/name d1\n"
    "write /local/domain/7/domid 7\n"
    "make /local/domain/7/data \n"
    "permit /local/domain/7/data n7 \n"
    "write /local/domain/7/control/shutdown \n"
    "permit /local/domain/7/control/shutdown n7 \n";

}  // namespace

TEST_CASE("a domain reads its folder and owns what it writes") { CHECK(text(nodes::of(7, spec(), {})) == kPlain); }

TEST_CASE("xl is told that a domain is PVH") {
    DomainSpec with = spec();
    with.kind = DomainSpec::Kind::pvh;
    CHECK(text(nodes::of(7, with, {})) == std::string(kPlain) + "write /libxl/7/type pvh\n");
}

TEST_CASE("a start-up configuration and a console are there when they are asked for") {
    DomainSpec with = spec();
    with.startup_config = "Idle;";
    with.console = true;
    CHECK(text(nodes::of(7, with, {.store_frame = 1, .store_port = 2, .console_frame = 300, .console_port = 4})) ==
          std::string(kPlain) +
              "write /local/domain/7/control/click/startup_config Idle;\n"
              "write /local/domain/7/console/ring-ref 300\n"
              "write /local/domain/7/console/port 4\n"
              "write /local/domain/7/console/type xenconsoled\n"
              "write /local/domain/7/console/output pty\n"
              "write /local/domain/7/console/limit 1048576\n");
}

TEST_CASE("an interface has a front end, a back end, and what xl finds it by") {
    DomainSpec with = spec();
    with.vifs = {{"v1", "02:00:00:00:00:01", "br-pm"}};
    CHECK(text(nodes::of(7, with, {})) ==
          std::string(kPlain) +
              "make /local/domain/7/device/vif/0 \n"
              "permit /local/domain/7/device/vif/0 n7 r0 \n"
              "write /local/domain/7/device/vif/0/backend /local/domain/0/backend/vif/7/0\n"
              "write /local/domain/7/device/vif/0/backend-id 0\n"
              "write /local/domain/7/device/vif/0/handle 0\n"
              "write /local/domain/7/device/vif/0/mac 02:00:00:00:00:01\n"
              "write /local/domain/7/device/vif/0/state 1\n"
              "make /local/domain/0/backend/vif/7/0 \n"
              "permit /local/domain/0/backend/vif/7/0 n0 r7 \n"
              "write /local/domain/0/backend/vif/7/0/frontend /local/domain/7/device/vif/0\n"
              "write /local/domain/0/backend/vif/7/0/frontend-id 7\n"
              "write /local/domain/0/backend/vif/7/0/online 1\n"
              "write /local/domain/0/backend/vif/7/0/script /bin/true\n"
              "write /local/domain/0/backend/vif/7/0/vifname v1\n"
              "write /local/domain/0/backend/vif/7/0/bridge br-pm\n"
              "write /local/domain/0/backend/vif/7/0/mac 02:00:00:00:00:01\n"
              "write /local/domain/0/backend/vif/7/0/handle 0\n"
              "write /local/domain/0/backend/vif/7/0/state 1\n"
              "write /libxl/7/device/vif/0/frontend /local/domain/7/device/vif/0\n"
              "write /libxl/7/device/vif/0/backend /local/domain/0/backend/vif/7/0\n");
}

TEST_CASE("nothing is made outside of the folders that are removed") {
    DomainSpec with = spec();
    with.kind = DomainSpec::Kind::pvh;
    with.startup_config = "Idle;";
    with.console = true;
    with.vifs = {{"v1", "02:00:00:00:00:01", "br-pm"}, {"w1", "02:00:00:00:01:01", "br-pm"}};
    std::vector<std::string> folders = nodes::folders(7);
    for (const XenStore::Request& request : nodes::of(7, with, {})) {
        std::string path = request.path() + "/";
        CHECK_MESSAGE(
            std::ranges::any_of(folders, [&](const std::string& folder) { return path.starts_with(folder + "/"); }),
            path);
    }
}

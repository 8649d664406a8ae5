// SPDX-License-Identifier: Apache-2.0
#include <click/args.hh>
#include <click/clock.hh>

#include <doctest/doctest.h>

namespace click {

namespace {

struct Parsed {
    bool right;
    std::string errors;
};

template <typename T>
Parsed parse(std::string_view text, T& value) {
    TextErrorHandler errh;
    ArgContext context(nullptr, errh, "X");
    return {parse_arg(text, value, context), errh.text()};
}

}  // namespace

TEST_CASE("nothing is stored when one argument is wrong") {
    std::string label = "old";
    int32_t burst = 7;
    bool active = false;
    TextErrorHandler errh;
    CHECK(Args({"new", "BURST 0", "ACTIVE true"}, nullptr, errh)
              .mandatory("LABEL", label)
              .keyword("BURST", bounded(burst, 1, 64))
              .keyword("ACTIVE", active)
              .complete() == -1);
    CHECK(errh.text() == "BURST: out of range, bound 1\n");
    CHECK(label == "old");
    CHECK(burst == 7);
    CHECK_FALSE(active);
    CHECK(Args({"new", "BURST 64"}, nullptr, errh)
              .mandatory("LABEL", label)
              .keyword("BURST", bounded(burst, 1, 64))
              .keyword("ACTIVE", active, true)
              .complete() == 0);
    CHECK(label == "new");
    CHECK(burst == 64);
    CHECK(active);
}

TEST_CASE("bounds may have words of their own") {
    uint32_t burst = 1;
    TextErrorHandler errh;
    Args args({"BURST -3"}, nullptr, errh);
    CHECK(args.keyword("BURST", bounded(burst, 1, 9, "bad BURST")).complete() == -1);
    CHECK(errh.text() == "bad BURST\n");
}

TEST_CASE("durations that do not fit are refused") {
    Duration duration;
    CHECK(parse("1.5s", duration).right);
    CHECK(duration.nanoseconds == 1'500'000'000);
    CHECK(parse("1e12", duration).errors == "X: out of range, bound 9200000000\n");
    CHECK_FALSE(parse("nan", duration).right);
    CHECK(duration.nanoseconds == 1'500'000'000);
    Bandwidth bandwidth;
    CHECK(parse("100Gbps", bandwidth).right);
    CHECK(bandwidth.bytes_per_second == 12'500'000'000U);
    CHECK(parse("1e30", bandwidth).errors == "X: out of range, bound 9200000000000000000\n");
}

TEST_CASE("moments are exact to the nanosecond") {
    Moment moment;
    CHECK(parse("1700000000.123456789", moment).right);
    CHECK(moment.nanoseconds == 1'700'000'000'123'456'789);
    CHECK(parse("12", moment).right);
    CHECK(moment.nanoseconds == 12 * clock::kSecond);
    for (const char* wrong : {"", "-1", "1.x", "0x10", "1s", ".5"}) {
        CAPTURE(wrong);
        CHECK(parse(wrong, moment).errors == "X: invalid timestamp\n");
    }
    CHECK(parse("99999999999", moment).errors == "X: out of range, bound 9200000000\n");
}

TEST_CASE("port numbers are one or a range") {
    PortNumbers ports;
    CHECK(parse("80", ports).right);
    CHECK(ports.low == 80);
    CHECK(ports.high == 80);
    CHECK(parse("1024-65535", ports).right);
    CHECK(ports.low == 1024);
    CHECK(ports.high == 65535);
    CHECK_FALSE(parse("70000", ports).right);
    CHECK(parse("9-8", ports).errors == "X: port range 9-8 ends before it begins\n");
}

}  // namespace click

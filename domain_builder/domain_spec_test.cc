// SPDX-License-Identifier: Apache-2.0
#include "domain_spec.hh"

#include <doctest/doctest.h>

#include "failure.hh"

TEST_CASE("a request has all of a domain") {
    DomainSpec spec = DomainSpec::parse(
        Message::parse("create\tname=d1\tkind=pvh\tmemory_kib=4096\tcmdline=a "
                       "b\tramdisk=Idle;\\n\tstartup_config=x\thandle=00112233445566778899aabbccddeeff\t"
                       "console=1\tvif=v1 02:00:00:00:00:01 br-pm\tvif=w1 02:00:00:00:01:01 br-2"));
    CHECK(spec.name == "d1");
    CHECK(spec.kind == DomainSpec::Kind::pvh);
    CHECK(spec.memory_kib == 4096);
    CHECK(spec.cmdline == "a b");
    CHECK(spec.ramdisk == "Idle;\n");
    CHECK(spec.startup_config == "x");
    REQUIRE(spec.handle);
    CHECK(spec.handle->front() == 0x00);
    CHECK(spec.handle->back() == 0xff);
    CHECK(spec.console);
    REQUIRE(spec.vifs.size() == 2);
    CHECK(spec.vifs[0].device == "v1");
    CHECK(spec.vifs[0].mac == "02:00:00:00:00:01");
    CHECK(spec.vifs[0].bridge == "br-pm");
    CHECK(spec.vifs[1].device == "w1");
}

TEST_CASE("a name and a size are enough") {
    DomainSpec spec = DomainSpec::parse(Message::parse("create\tname=d1\tmemory_kib=4096\tconsole=0"));
    CHECK(spec.kind == DomainSpec::Kind::pv);
    CHECK(spec.cmdline.empty());
    CHECK_FALSE(spec.handle);
    CHECK_FALSE(spec.console);
    CHECK(spec.vifs.empty());
}

TEST_CASE("a request that lacks something is refused") {
    CHECK_THROWS_WITH_AS(DomainSpec::parse(Message::parse("create\tname=d1")),
                         "read the field 'memory_kib' of 'create', which is missing: Invalid argument", Failure);
    CHECK_THROWS_WITH_AS(DomainSpec::parse(Message::parse("create\tname=d1\tkind=hvm\tmemory_kib=4096")),
                         "read the field 'kind', which is pv or pvh, got 'hvm': Invalid argument", Failure);
    for (const char* handle : {"00", "00112233445566778899aabbccddeeg0"}) {
        Message request = Message::parse("create\tname=d1\tmemory_kib=4096").with("handle", handle);
        std::string expected = "read the field 'handle', which is 32 hexadecimal digits, got '" + std::string(handle) +
                               "': Invalid argument";
        CHECK_THROWS_WITH_AS(DomainSpec::parse(request), expected.c_str(), Failure);
    }
    for (const char* vif : {"", "v1", "v1 02:00:00:00:00:01"}) {
        Message request = Message::parse("create\tname=d1\tmemory_kib=4096").with("vif", vif);
        std::string expected =
            "read the field 'vif', which is DEVICE MAC BRIDGE, got '" + std::string(vif) + "': Invalid argument";
        CHECK_THROWS_WITH_AS(DomainSpec::parse(request), expected.c_str(), Failure);
    }
}

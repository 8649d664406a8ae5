// SPDX-License-Identifier: Apache-2.0
#include "message.hh"

#include <doctest/doctest.h>

#include "failure.hh"

namespace {

template <typename Work>
std::string refused(Work work) {
    try {
        work();
    } catch (const Failure& failure) {
        return failure.what();
    }
    return "";
}

}  // namespace

TEST_CASE("a message is a line of fields, in which backslash, tab and line feed are written otherwise") {
    Message message("created");
    message.with("name", "d1").with("domid", 7).with("text", "a;\n\tb\\n");
    CHECK(message.line() == "created\tname=d1\tdomid=7\ttext=a;\\n\\tb\\\\n\n");
    CHECK(Message("listed").line() == "listed\n");
}

TEST_CASE("a message survives its line") {
    for (const char* value : {"", "=", "a=b", "\\", "\\\\t", "\t\n\\", "\\\n", "ends with \\", "\r \xff"}) {
        std::string line = Message("x").with("key", value).line();
        line.pop_back();
        CHECK(line.find('\n') == std::string::npos);
        CHECK(Message::parse(line).text("key") == value);
    }
}

TEST_CASE("what no program writes is read as it is meant") {
    CHECK(Message::parse("").word().empty());
    CHECK(Message::parse("list").word() == "list");
    CHECK(Message::parse("x\tk=a\\").text("k") == "a\\");
    CHECK(Message::parse("x\tk=\\q").text("k") == "q");
    CHECK(refused([] { Message::parse("x\tk=1\tword"); }) ==
          "read the field 'word', which has no '=': Invalid argument");
    CHECK(refused([] { Message::parse("x\t"); }) == "read the field '', which has no '=': Invalid argument");
}

TEST_CASE("a field may come several times, or be missing") {
    Message message = Message::parse("create\tvif=a\tname=d\tvif=b");
    CHECK(message.all("vif") == std::vector<std::string>{"a", "b"});
    CHECK(message.all("disk").empty());
    CHECK(message.text("vif") == "a");
    CHECK(message.text("tag", "none") == "none");
    CHECK(message.text("name", "none") == "d");
    CHECK(refused([&] { message.text("tag"); }) ==
          "read the field 'tag' of 'create', which is missing: Invalid argument");
}

TEST_CASE("a number is nothing but digits") {
    CHECK(Message::parse("x\tk=0").number("k") == 0);
    CHECK(Message::parse("x\tk=18446744073709551615").number("k") == UINT64_MAX);
    for (const char* value : {"", "-1", "+1", " 1", "1 ", "0x10", "1k", "18446744073709551616"}) {
        Message message = Message("x").with("k", value);
        CHECK(refused([&] { (void)message.number("k"); }) ==
              "read the field 'k', got '" + std::string(value) + "', which is no number: Invalid argument");
    }
}

TEST_CASE("a domain is one that Xen numbers, and not dom0") {
    CHECK(Message::parse("x\tdomid=1").domain("domid") == 1);
    CHECK(Message::parse("x\tdomid=32751").domain("domid") == 32751);
    // The last is 5 to who looks at 32 bits of it.
    for (const char* value : {"0", "32752", "4294967301"}) {
        Message message = Message("x").with("domid", value);
        CHECK(refused([&] { (void)message.domain("domid"); }) ==
              "read the field 'domid', got '" + std::string(value) + "'; a domain is 1 to 32751: Invalid argument");
    }
}

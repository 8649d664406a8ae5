// SPDX-License-Identifier: Apache-2.0
#include "lib/aho_corasick.hh"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

namespace {

using click::AhoCorasick;

class Complaints final : public click::ErrorHandler {
public:
    std::string text;

private:
    void emit(Level, const click::Landmark&, std::string_view report) override { text.append(report).append("\n"); }
};

/// Where each pattern ends, as a reader finds it: by end, then by pattern.
std::vector<std::pair<size_t, size_t>> looked_for(const std::vector<AhoCorasick::Pattern>& patterns, std::string text) {
    std::vector<std::pair<size_t, size_t>> ends;
    auto small = [](std::string s) {
        std::transform(s.begin(), s.end(), s.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
        return s;
    };
    for (size_t end = 1; end <= text.size(); ++end) {
        for (size_t i = 0; i < patterns.size(); ++i) {
            const auto& [bytes, any_case] = patterns[i];
            if (bytes.size() <= end) {
                std::string there = text.substr(end - bytes.size(), bytes.size());
                if (there == bytes || (any_case && small(there) == small(bytes))) {
                    ends.emplace_back(end, i);
                }
            }
        }
    }
    return ends;
}

std::vector<size_t> found_in(const AhoCorasick& automaton, const std::string& text) {
    std::vector<size_t> found;
    automaton.scan(reinterpret_cast<const uint8_t*>(text.data()), text.size(),
                   [&](uint32_t pattern) { found.push_back(pattern); });
    std::sort(found.begin(), found.end());
    return found;
}

TEST_CASE("random patterns are found in random texts where looking for each of them finds it") {
    std::mt19937 engine(7);
    const std::string letters = "abAB\n";
    auto random_text = [&](size_t length, size_t kinds) {
        std::string text(length, 0);
        std::generate(text.begin(), text.end(), [&] { return letters[engine() % kinds]; });
        return text;
    };
    for (int round = 0; round < 2000; ++round) {
        size_t kinds = 2 + engine() % (letters.size() - 1);
        std::vector<AhoCorasick::Pattern> patterns(1 + engine() % 8);
        for (auto& pattern : patterns) {
            pattern = {random_text(1 + engine() % 6, kinds), engine() % 3 == 0};
        }
        Complaints errh;
        AhoCorasick automaton;
        REQUIRE(automaton.compile(patterns, errh) == 0);
        std::string text = random_text(engine() % 60, kinds);
        std::vector<size_t> wanted;
        for (const auto& [end, pattern] : looked_for(patterns, text)) {
            wanted.push_back(pattern);
        }
        std::sort(wanted.begin(), wanted.end());
        CHECK(found_in(automaton, text) == wanted);
    }
}

TEST_CASE("patterns of all bytes share what they begin with") {
    std::vector<AhoCorasick::Pattern> patterns;
    for (int c = 0; c < 256; ++c) {
        patterns.push_back({std::string("same") + static_cast<char>(c)});
    }
    Complaints errh;
    AhoCorasick automaton;
    REQUIRE(automaton.compile(patterns, errh) == 0);
    CHECK(automaton.states() == 1 + 4 + 256);
    CHECK(found_in(automaton, std::string("xsame\0samesame\xff", 15)) == std::vector<size_t>{0, 's', 255});
}

TEST_CASE("what is refused changes nothing") {
    Complaints errh;
    AhoCorasick automaton;
    CHECK(found_in(automaton, "anything").empty());
    REQUIRE(automaton.compile({{"old"}}, errh) == 0);
    CHECK(automaton.compile({{"new"}, {""}}, errh) < 0);
    CHECK(automaton.compile({{std::string(AhoCorasick::kLongest + 1, 'x')}}, errh) < 0);
    CHECK(automaton.compile(std::vector<AhoCorasick::Pattern>(1025, {std::string(1024, 'x')}), errh) < 0);
    CHECK(errh.text ==
          "patterns have 1 to 1024 bytes, got 0\n"
          "patterns have 1 to 1024 bytes, got 1025\n"
          "patterns have 1049600 bytes together; at most 1048576\n");
    CHECK(found_in(automaton, "new old") == std::vector<size_t>{0});
}

}  // namespace

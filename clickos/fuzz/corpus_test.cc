// SPDX-License-Identifier: Apache-2.0
//
// The corpus, and the same mutations of it each time: what a sanitizer finds here, it finds in every run.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "fuzz/configuration_fuzz.hh"

namespace click {

namespace {

std::vector<std::string> read_corpus() {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator("fuzz/corpus/configuration")) {
        paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> corpus;
    for (const auto& path : paths) {
        std::ifstream file(path, std::ios::binary);
        corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return corpus;
}

const char* const kTokens[] = {"->",
                               "=>",
                               "::",
                               "||",
                               "|",
                               "...",
                               "{",
                               "}",
                               "(",
                               ")",
                               "[",
                               "]",
                               "[0]",
                               ",",
                               ";",
                               "$a",
                               "${a-b}",
                               "\"",
                               "'",
                               "\\<",
                               "/*",
                               "*/",
                               "//",
                               "\n",
                               "input",
                               "output",
                               "elementclass ",
                               "define($a ",
                               "require(",
                               "connectiontunnel ",
                               "Idle",
                               "Discard",
                               "Null",
                               "Tee",
                               "Queue",
                               "@1",
                               "/",
                               "0",
                               "65535",
                               "\n# 7 \"f\"\n",
                               "__REST__ $r"};

/// Changes a few places of a text; the same ones for the same state of `random`.
std::string mutate(std::string text, const std::vector<std::string>& corpus, std::mt19937& random) {
    auto below = [&](size_t bound) { return bound == 0 ? 0 : random() % bound; };
    for (size_t changes = 1 + below(6); changes > 0; --changes) {
        size_t at = below(text.size() + 1);
        size_t length = std::min<size_t>(below(40), text.size() - at);
        switch (below(6)) {
            case 0:
                text.erase(at, length);
                break;
            case 1:
                text.insert(at, text.substr(at, length));
                break;
            case 2:
                text.insert(at, kTokens[below(std::size(kTokens))]);
                break;
            case 3:
                text.replace(at, length, kTokens[below(std::size(kTokens))]);
                break;
            case 4:
                text.insert(at, 1, static_cast<char>(random()));
                break;
            default: {
                const std::string& other = corpus[below(corpus.size())];
                text.replace(at, length, other.substr(below(other.size() + 1), below(200)));
                break;
            }
        }
    }
    return text;
}

}  // namespace

TEST_CASE("no text does harm to the parser or to the elements' configuration") {
    std::vector<std::string> corpus = read_corpus();
    REQUIRE(corpus.size() >= 10);
    for (const std::string& text : corpus) {
        fuzz_configuration(text);
    }
    constexpr int kRuns = 20000;
    std::mt19937 random(1);
    for (int run = 0; run < kRuns; ++run) {
        fuzz_configuration(mutate(corpus[random() % corpus.size()], corpus, random));
    }
}

}  // namespace click

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

namespace click {

/// Words of an element's configuration that no handler may show. Wherever the text of a configuration is shown, each stands as
/// `***`. Found by `Element::as<Secrets>()`.
class Secrets {
public:
    void keep(std::string word) { _words.push_back(std::move(word)); }
    void forget() { _words.clear(); }

    /// Puts `***` in the place of each secret word in a text.
    void conceal(std::string& text) const {
        for (const std::string& word : _words) {
            for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at)) {
                text.replace(at, word.size(), "***");
            }
        }
    }

private:
    std::vector<std::string> _words;
};

}  // namespace click

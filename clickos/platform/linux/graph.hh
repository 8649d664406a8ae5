// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/router_definition.hh>

#include <string>

namespace click {

/// A flat router as JSON, for programs that ask what is connected with what: `elements`, each with its name, class, arguments
/// without their quotes, and place in the text; `connections`, each as from, its port, to, its port, where elements are
/// numbers in that list. A byte that is no ASCII is the character of its number.
std::string graph_text(const RouterDefinition& definition);

}  // namespace click

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/router_definition.hh>

#include "lang/syntax.hh"

namespace click::lang {

/// Flattens scopes into a router: compound elements become the elements inside of them, `compound/element`, with
/// variables replaced, and connections through `input`, `output`, groups and tunnels become direct ones.
/// Every error is reported; false when there was one.
bool expand_router(const Syntax& syntax, const Defines& defines, RouterDefinition& definition, ErrorHandler& errh);

}  // namespace click::lang

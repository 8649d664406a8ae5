// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace click {

/// The documentation of an element class, as `click --doc` prints it; the table ends with a null name and is made from
/// the elements' doc comments by element_docs.py.
struct ElementDoc {
    const char* name;
    const char* text;
};
extern const ElementDoc kElementDocs[];

}  // namespace click

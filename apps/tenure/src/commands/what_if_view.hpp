// What an edit would change, for people and scripts. Pure: the same values give the same text.
#pragma once

#include <string>
#include <vector>

#include <tenure/app/what_if.hpp>
#include <tenure/base/json.hpp>

namespace tenure::cli {

// By target and by risk; the identities and the rights that change most; at most 40 lines unless `full`, which names
// every line.
std::string what_if_text(const app::WhatIf& found, bool full);
json::Object what_if_fields(const app::WhatIf& found);
// One object per identity and right.
std::vector<json::Value> what_if_rows(const app::WhatIf& found);

}  // namespace tenure::cli

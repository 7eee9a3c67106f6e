// Rows of the kits that were made, and how far their journals are merged.
#pragma once

#include <tenure/app/kits.hpp>
#include <tenure/base/json.hpp>
#include <tenure/store/store.hpp>

namespace tenure::app {

store::Write write_of(const KnownKit& kit);
json::Value to_json(const KnownKit& kit);
Result<KnownKit> known_kit_from_json(const json::Value& value);

}  // namespace tenure::app

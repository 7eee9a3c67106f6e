// plan/v1 members to JSON and back; the whole document is in freeze.cpp.
#pragma once

#include <tenure/base/json.hpp>
#include <tenure/plan/plan.hpp>

namespace tenure::plan::codec {

json::Value to_json(const Cause& cause);
json::Value to_json(const Unknown& unknown);
json::Value to_json(const GuardResult& guard);
Result<Cause> read_cause(const json::Reader& reader);
Result<Later> read_later(const json::Reader& reader);
Result<Unknown> read_unknown(const json::Reader& reader);
Result<GuardResult> read_guard(const json::Reader& reader);
Result<ApprovalNeeded> read_approval(const json::Reader& reader);
Result<Change> read_change(const json::Reader& reader);
// A member that must be an array of texts; absent is empty.
Result<std::vector<std::string>> read_texts(const json::Reader& reader, std::string_view key);

}  // namespace tenure::plan::codec

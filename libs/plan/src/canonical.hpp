// plan/v1 straight into text: the canonical form (RFC 8785, see tenure/base/json.hpp) of what to_json() makes, without
// making it. Members are written in byte order of their names. Each function appends and says whether the value has a
// canonical form: false for floating point and for integers beyond 2^53-1; what was appended is then of no use.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <tenure/plan/plan.hpp>

namespace tenure::plan::codec {

// The id is a member like others, and is the digest of the rest: it gets a slot of this form, which can be left out.
inline constexpr std::string_view kIdBefore = "\"id\":\"", kIdAfter = "\",";
inline constexpr std::size_t kIdSize = 16;
inline constexpr std::size_t kIdSlot = kIdBefore.size() + kIdSize + kIdAfter.size();

// Writes no id: `slot` is the place of its slot of kIdSlot bytes, counted from the beginning of `out`.
// REQUIRES: the facts of the reason are ordered by name.
bool append_change(std::string& out, const Change& change, std::size_t& slot);
bool append_cause(std::string& out, const Cause& cause);
bool append_unknown(std::string& out, const Unknown& unknown);
bool append_later(std::string& out, const Later& later);
bool append_guard(std::string& out, const GuardResult& guard);
bool append_approval(std::string& out, const ApprovalNeeded& approval);

}  // namespace tenure::plan::codec

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ranges>

#include <tenure/base/error.hpp>

namespace tenure {

const std::vector<ReasonInfo>& all_reasons() {
  static const std::vector<ReasonInfo> reasons = {
#define TENURE_REASON(name, number, code, title, remedy) ReasonInfo{Reason::name, #name, code, title, remedy},
#include <tenure/base/reasons.def>
#undef TENURE_REASON
  };
  return reasons;
}

const ReasonInfo& reason_info(Reason reason) {
  const auto& all = all_reasons();
  auto it = std::lower_bound(all.begin(), all.end(), reason,
                             [](const ReasonInfo& info, Reason r) { return info.reason < r; });
  if (it == all.end() || it->reason != reason) std::abort();  // only the tables make Reason values
  return *it;
}

std::string reason_code(Reason reason) {
  return "E-" + std::to_string(static_cast<unsigned>(reason));
}

std::string_view code_name(Code code) {
  constexpr std::array<std::string_view, 14> kNames = {
      "invalid",     "not_found", "exists",    "precondition", "stale",       "denied",    "unauthenticated",
      "unavailable", "timeout",   "exhausted", "data_loss",    "unsupported", "cancelled", "internal"};
  return kNames.at(static_cast<std::size_t>(code));
}

std::string_view effect_name(Effect effect) {
  constexpr std::array<std::string_view, 3> kNames = {"none", "applied", "unknown"};
  return kNames.at(static_cast<std::size_t>(effect));
}

std::string Error::to_string() const {
  std::string text;
  for (const auto& what : std::views::reverse(context_)) text += what + ": ";
  text += message_.empty() ? std::string(reason_info(reason_).title) : message_;
  text += " [" + reason_code(reason_) + "]";
  return text;
}

}  // namespace tenure

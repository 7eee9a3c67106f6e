#include <algorithm>
#include <array>

#include <tenure/evidence/event_type.hpp>

namespace tenure::evidence {
namespace {

constexpr auto kTypes = [] {
  std::array types = {
#define TENURE_EVENT_TYPE(constant, text, scope, meaning) EventType{text, Scope::scope, meaning},
#include <tenure/evidence/event_types.def>
#undef TENURE_EVENT_TYPE
  };
  std::ranges::sort(types, {}, &EventType::text);
  return types;
}();

}  // namespace

std::span<const EventType> all_event_types() {
  return kTypes;
}

const EventType* find_event_type(std::string_view text) {
  const auto it = std::ranges::lower_bound(kTypes, text, {}, &EventType::text);
  return it != kTypes.end() && it->text == text ? &*it : nullptr;
}

}  // namespace tenure::evidence

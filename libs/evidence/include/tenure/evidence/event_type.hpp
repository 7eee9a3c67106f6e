// The vocabulary of evidence: every type that a record may have, with its meaning (event_types.def).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tenure::evidence {

// Whether a record of the type must belong to a case.
enum class Scope : std::uint8_t { kCase, kLog };

struct EventType {
  std::string_view text;  // "change.dispatched"
  Scope scope;
  std::string_view meaning;
};

// Constants for the code that makes transitions: draft.type = event::kChangeDispatched.
namespace event {
#define TENURE_EVENT_TYPE(constant, text, scope, meaning) inline constexpr std::string_view constant = text;
#include <tenure/evidence/event_types.def>
#undef TENURE_EVENT_TYPE
}  // namespace event

// All types, sorted by text.
std::span<const EventType> all_event_types();
// nullptr if there is no such type.
const EventType* find_event_type(std::string_view text);

}  // namespace tenure::evidence

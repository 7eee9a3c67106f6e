#include "json_codec.hpp"

#include <tenure/base/hash.hpp>
#include <tenure/model/assignment.hpp>

namespace tenure::model {
namespace {

constexpr std::array<std::string_view, 4> kKinds = {"request", "exception", "adoption", "break_glass"};
constexpr std::array<std::string_view, 4> kStates = {"asked", "approved", "refused", "ended"};

std::optional<AssignmentKind> assignment_kind(std::string_view name) {
  return codec::enum_from<AssignmentKind>(kKinds, name);
}
std::optional<AssignmentState> assignment_state(std::string_view name) {
  return codec::enum_from<AssignmentState>(kStates, name);
}

}  // namespace

std::string_view name_of(AssignmentKind kind) {
  return codec::enum_name(kKinds, kind);
}
std::string_view name_of(AssignmentState state) {
  return codec::enum_name(kStates, state);
}

std::string assignment_id(const Assignment& assignment) {
  constexpr std::string_view kNul("\0", 1);
  const std::string identity = std::to_string(assignment.identity.value());
  const std::string at = std::to_string(assignment.asked_at.to_micros());
  const Sha256 hash = sha256({name_of(assignment.kind), kNul, identity, kNul, assignment.role.str(), kNul,
                              assignment.duties, kNul, assignment.asked_by, kNul, at});
  return "A-" + hash.hex().substr(0, 12);
}

json::Value to_json(const Assignment& assignment) {
  json::Object facts;
  for (const auto& [name, value] : assignment.facts) facts.emplace(name, value);
  json::Array deciders;
  for (const auto& person : assignment.decided_by) deciders.emplace_back(person);
  json::Object object{{"id", assignment.id},
                      {"kind", name_of(assignment.kind)},
                      {"state", name_of(assignment.state)},
                      {"identity", assignment.identity.value()},
                      {"decided_by", std::move(deciders)},
                      {"facts", std::move(facts)},
                      {"asked_at", codec::put_time(assignment.asked_at)},
                      {"since", codec::put_time(assignment.since)},
                      {"until", codec::put_time(assignment.until)},
                      {"decide_again_by", codec::put_time(assignment.decide_again_by)},
                      {"ended_at", codec::put_time(assignment.ended_at)}};
  codec::put_text(object, "role", assignment.role.str());
  codec::put_text(object, "duties", assignment.duties);
  codec::put_text(object, "asked_by", assignment.asked_by);
  codec::put_text(object, "owner", assignment.owner);
  codec::put_text(object, "reason", assignment.reason);
  codec::put_text(object, "decide_again_because", assignment.decide_again_because);
  codec::put_text(object, "ended_because", assignment.ended_because);
  return object;
}

Result<Assignment> assignment_from_json(const json::Value& value) {
  const json::Reader reader(value, "assignment");
  Assignment assignment;
  TENURE_TRY(assignment.id, reader.string("id"));
  TENURE_TRY(assignment.kind, codec::get_enum(reader, "kind", assignment_kind));
  TENURE_TRY(assignment.state, codec::get_enum(reader, "state", assignment_state));
  TENURE_TRY(const std::int64_t identity, reader.integer("identity"));
  assignment.identity = IdentityId(identity);
  assignment.role = RoleName(codec::text(value, "role"));
  assignment.duties = codec::text(value, "duties");
  assignment.asked_by = codec::text(value, "asked_by");
  assignment.owner = codec::text(value, "owner");
  assignment.reason = codec::text(value, "reason");
  assignment.decide_again_because = codec::text(value, "decide_again_because");
  assignment.ended_because = codec::text(value, "ended_because");
  if (const json::Value* deciders = value.find("decided_by"); deciders != nullptr && deciders->is_array())
    for (const json::Value& person : deciders->as_array())
      if (person.is_string()) assignment.decided_by.push_back(person.as_string());
  if (const json::Value* facts = value.find("facts"); facts != nullptr && facts->is_object())
    for (const auto& [name, fact] : facts->as_object()) assignment.facts.emplace(name, fact);
  TENURE_TRY(assignment.asked_at, codec::get_time(reader, "asked_at"));
  TENURE_TRY(assignment.since, codec::get_time(reader, "since"));
  TENURE_TRY(assignment.until, codec::get_time(reader, "until"));
  TENURE_TRY(assignment.decide_again_by, codec::get_time(reader, "decide_again_by"));
  TENURE_TRY(assignment.ended_at, codec::get_time(reader, "ended_at"));
  return assignment;
}

}  // namespace tenure::model

// What people decided that an identity should hold besides what rules give: asked for, allowed as an exception. With a
// term, and with the facts that it was decided under: when one of them changes it is decided again by a deadline, and
// ends if nobody does.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/json.hpp>
#include <tenure/base/time.hpp>
#include <tenure/model/ids.hpp>

namespace tenure::model {

enum class AssignmentKind : std::uint8_t {
  kRequest,    // a role or an entitlement that was asked for
  kException,  // duties that may meet in this identity although they are separate
  kAdoption,   // access that was found and is kept on purpose
  kBreakGlass  // emergency authority
};

enum class AssignmentState : std::uint8_t { kAsked, kApproved, kRefused, kEnded };

struct Assignment {
  std::string id;  // assignment_id()
  AssignmentKind kind = AssignmentKind::kRequest;
  AssignmentState state = AssignmentState::kAsked;
  IdentityId identity;
  RoleName role;                        // kRequest; of an entitlement "directory:vpn-users"
  std::string duties;                   // kException: name of the SeparationOfDuties document
  std::string asked_by;                 // natural person
  std::string owner;                    // accountable for what is given by it
  std::string reason;                   // as asked; for people, and for evidence under a commitment
  std::vector<std::string> decided_by;  // natural persons who approved, or the one who refused; in byte order
  Time asked_at;
  Time since;                                             // approved; Time{} = not yet
  Time until = Time::never();                             // exclusive
  std::map<std::string, json::Value, std::less<>> facts;  // that it was decided under
  Time decide_again_by = Time::never();                   // a fact changed: it ends then, unless somebody renews it
  std::string decide_again_because;                       // "department changed"; never a value
  Time ended_at;
  std::string ended_because;
  friend bool operator==(const Assignment&, const Assignment&) = default;

  // Whether it gives anything at that time.
  bool holds_at(Time now) const {
    return state == AssignmentState::kApproved && since <= now && now < until && now < decide_again_by;
  }
};

std::string_view name_of(AssignmentKind kind);
std::string_view name_of(AssignmentState state);
// "A-" and 12 hexadecimal digits of the digest over kind, identity, role, duties, who asked and when.
std::string assignment_id(const Assignment& assignment);

json::Value to_json(const Assignment& assignment);
Result<Assignment> assignment_from_json(const json::Value& value);

}  // namespace tenure::model

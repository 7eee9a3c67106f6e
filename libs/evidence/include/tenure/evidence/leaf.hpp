// The leaf: the bytes of one evidence record as they stand in the log for ever (docs/formats/evidence.md).
//
// A leaf is canonical JSON (RFC 8785) over a closed set of members. It holds random references, counts, digests and
// commitments, never a name, an address or free text: every string in it is limited to letters, digits and _ . : + / =
// - so that such a value does not pass even by mistake. Values and functions here are pure; any thread may call them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/error.hpp>
#include <tenure/base/hash.hpp>
#include <tenure/base/json.hpp>
#include <tenure/base/time.hpp>

namespace tenure::evidence {

// The bundle format holds the length in 16 bits.
inline constexpr std::size_t kLeafBytesMax = 65535;
inline constexpr std::size_t kTokenBytesMax = 200;

enum class ActorKind : std::uint8_t {
  kPerson,
  kService,
  kWorkload,
  kDevice,
  kAgent,
  kSystem,   // Tenure itself: engine, sealer, timer, rule
  kUnknown,  // done outside, by somebody not yet known
};
enum class Mode : std::uint8_t { kAutomated, kRequested, kManual, kBreakGlass };
enum class Outcome : std::uint8_t { kSuccess, kFailure, kUnknown };

std::string_view actor_kind_text(ActorKind kind);
std::string_view mode_text(Mode mode);
std::string_view outcome_text(Outcome outcome);

struct Actor {
  ActorKind kind = ActorKind::kSystem;
  std::string ref;  // a random reference, or the name of a part of Tenure; required
  friend bool operator==(const Actor&, const Actor&) = default;
};

struct TargetObject {
  std::string system;  // the target's name; empty = the record is about no target
  std::string obj;     // random reference of the object in it; may be empty
  friend bool operator==(const TargetObject&, const TargetObject&) = default;
};

// Where in its case a record stands.
struct CasePlace {
  std::string id;              // UUID in lower case
  std::int64_t seq = 0;        // from 1, dense
  std::optional<Sha256> prev;  // leaf hash of the record before; absent exactly when seq is 1
  friend bool operator==(const CasePlace&, const CasePlace&) = default;
};

struct Leaf {
  std::string id;    // UUID version 4 in lower case
  std::string type;  // one of event_types.def
  Time time;
  std::optional<CasePlace> place;  // absent: outside every case (types of scope kLog only)
  Actor actor;
  std::string subject;  // random reference of whom it is about; empty = nobody
  TargetObject target;
  Mode mode = Mode::kAutomated;
  Outcome outcome = Outcome::kSuccess;
  Digest policy;                  // the policy set it was decided under; empty = none
  std::vector<std::string> refs;  // other records, plans, digests: tokens, in the writer's order
  std::map<std::string, Sha256, std::less<>> commitments;  // field -> commitment (commitment.hpp)
  json::Object facts;                                      // field -> integer, boolean or token
  friend bool operator==(const Leaf&, const Leaf&) = default;
};

// [A-Za-z0-9_.:+/=-]{1,200}
bool is_token(std::string_view text);
// [a-z0-9_.]{1,64}
bool is_field_name(std::string_view text);
// 8-4-4-4-12 lower-case hexadecimal digits.
bool is_uuid(std::string_view text);

// The bytes of a leaf. Error kRecordInvalid, naming the member, if it has not the form described here.
Result<std::string> write_leaf(const Leaf& leaf);
// The inverse. Error kRecordInvalid unless the bytes are exactly what write_leaf() makes of the result.
Result<Leaf> parse_leaf(std::string_view bytes);

}  // namespace tenure::evidence

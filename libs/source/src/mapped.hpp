// One record through the mappings of its source: typed values, blanks, and what cannot be read. Private to libs/source.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tenure/base/diagnostic.hpp>
#include <tenure/base/json.hpp>
#include <tenure/base/time.hpp>
#include <tenure/policy/policy_set.hpp>
#include <tenure/source/records.hpp>

namespace tenure::source {

struct Field {
  enum class State : std::uint8_t { kBlank, kValue, kUnreadable };
  State state = State::kBlank;
  json::Value value;

  bool has_value() const { return state == State::kValue; }
};

struct Mapped {
  const policy::SourceDoc* source = nullptr;
  const Record* record = nullptr;
  std::vector<Field> attributes;  // in the order of SourceDoc::attributes
  std::vector<Field> relations;   // in the order of SourceDoc::relations; text
  Field start, end, status;       // start and end as RFC 3339; blank where the source has no mapping

  // nullptr when the source does not map it.
  const Field* attribute(std::string_view name) const;
};

// Maps records of one source. Values that do not fit become warnings kFeedValue. REQUIRES: arguments outlive it.
class Mapper {
 public:
  Mapper(const policy::PolicySet& policy, const policy::SourceDoc& source, const Records& records,
         Diagnostics& diagnostics);
  ~Mapper();
  // `troubled`: whether there was a warning.
  Mapped map(const Record& record, bool& troubled) const;
  // One attribute of it, or one relation; without a warning.
  Field attribute(const Record& record, std::size_t index) const;
  Field relation(const Record& record, std::size_t index) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// What a status may be, for the kind of identity.
bool is_status(model::IdentityKind kind, std::string_view status);

}  // namespace tenure::source

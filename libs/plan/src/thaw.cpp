// Reads plan/v1 back: only what freeze() would write again.
#include "plan_json.hpp"
#include "text_index.hpp"

#include <tenure/plan/plan.hpp>

namespace tenure::plan {
namespace {

std::unexpected<Error> malformed(std::string message) {
  return fail(tenure::Reason::kPlanFormat, std::move(message));
}

template <class Element>
Status read_all(const json::Reader& reader, std::string_view key, Result<Element> (*read)(const json::Reader&),
                std::vector<Element>& into) {
  TENURE_TRY(const auto elements, reader.array(key));
  for (const auto& element : elements) {
    TENURE_TRY(Element value, read(element));
    into.push_back(std::move(value));
  }
  return {};
}

Result<Plan> read_document(const json::Reader& reader) {
  Plan plan;
  TENURE_TRY(const std::string format, reader.string("format"));
  if (format != "plan/v1") return reader.wrong("format", "\"plan/v1\", not \"" + format + "\"");
  TENURE_TRY(const std::string policy, reader.string("policy"));
  TENURE_TRY(plan.policy, Digest::parse(policy));
  TENURE_TRY(plan.purpose, reader.string("purpose"));
  TENURE_CHECK_OK(read_all(reader, "causes", codec::read_cause, plan.causes));
  TENURE_CHECK_OK(read_all(reader, "changes", codec::read_change, plan.changes));
  if (reader.value().find("later") != nullptr)
    TENURE_CHECK_OK(read_all(reader, "later", codec::read_later, plan.later));
  TENURE_CHECK_OK(read_all(reader, "unknowns", codec::read_unknown, plan.unknowns));
  TENURE_CHECK_OK(read_all(reader, "guards", codec::read_guard, plan.guards));
  TENURE_CHECK_OK(read_all(reader, "approvals", codec::read_approval, plan.approvals));
  return plan;
}

}  // namespace

Result<Plan> thaw(std::string_view bytes) {
  const auto value = json::parse(bytes, {.allow_double = false});
  if (!value) return malformed(value.error().message());
  auto plan = read_document(json::Reader(*value, "plan"));
  if (!plan) return malformed(plan.error().message());
  Plan again = *plan;
  TENURE_TRY(const Frozen frozen, freeze(again));
  if (frozen.bytes == bytes) return plan;
  TextIndex ids(again.changes.size());
  for (const Change& change : again.changes) ids.number_of(change.id.str());
  for (const Change& change : plan->changes)
    if (ids.find(change.id.str()) == TextIndex::kNone)
      return malformed("change " + change.id.str() + " does not have the id of its content");
  return malformed("the document is not in canonical form");
}

}  // namespace tenure::plan

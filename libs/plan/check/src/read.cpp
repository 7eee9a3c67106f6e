#include "read.hpp"

#include <algorithm>
#include <array>

#include <tenure/base/time.hpp>

namespace tenure::plan_check {
namespace {

const json::Array& elements(const json::Value& value, std::string_view key) {
  static const json::Array kNone;
  const json::Value* found = value.find(key);
  return found != nullptr && found->is_array() ? found->as_array() : kNone;
}

std::vector<std::string> texts(const json::Value& value, std::string_view key) {
  std::vector<std::string> result;
  for (const auto& element : elements(value, key)) result.push_back(element.is_string() ? element.as_string() : "?");
  return result;
}

std::optional<std::string> read_change(const json::Value& value, ReadChange& change) {
  constexpr std::array<std::string_view, 5> kLanes = {"emergency", "revoke", "reduce", "grant", "reconcile"};
  const auto text = [&](std::string_view key) { return value.string_or(key, ""); };
  change.id = text("id");
  change.verb = text("verb");
  change.lane = text("lane");
  change.target = text("target");
  change.account_class = text("class");
  change.entitlement = text("entitlement");
  change.parameters = text("parameters");
  change.prior_parameters = text("prior_parameters");
  change.risk = text("risk");
  change.cause = text("cause");
  change.identity = value.int_or("identity", 0);
  change.prior_present = value.bool_or("prior_present", false);
  change.needs = texts(value, "needs");
  if (const json::Value* account = value.find("account")) {
    change.account = account->string_or("id", "");
    change.producer = account->string_or("producer", "");
    change.name = account->string_or("name", "");
  }
  const json::Value* reason = value.find("reason");
  if (reason == nullptr) return "a change has no reason";
  change.rule = reason->string_or("rule", "");
  change.term = reason->string_or("term", "");
  if (const json::Value* facts = reason->find("facts"); facts != nullptr && facts->is_object())
    change.facts = facts->as_object();
  const auto lane = std::find(kLanes.begin(), kLanes.end(), change.lane);
  if (change.id.empty() || change.target.empty() || lane == kLanes.end()) return "a change lacks id, target or lane";
  change.lane_rank = static_cast<std::size_t>(lane - kLanes.begin());
  return std::nullopt;
}

}  // namespace

std::optional<std::string> read_plan(std::string_view bytes, ReadPlan& plan) {
  const auto value = json::parse(bytes);
  if (!value) return value.error().message();
  if (value->string_or("format", "") != "plan/v1") return "the format is not plan/v1";
  plan.purpose = value->string_or("purpose", "");
  for (const auto& one : elements(*value, "causes"))
    plan.causes.push_back({one.string_or("id", ""), one.string_or("kind", ""), one.string_or("root", "")});
  for (const auto& one : elements(*value, "changes")) {
    ReadChange change;
    if (auto fault = read_change(one, change)) return fault;
    plan.changes.push_back(std::move(change));
  }
  for (const auto& one : elements(*value, "guards"))
    plan.guards.push_back({one.bool_or("held", false), texts(one, "causes")});
  for (const auto& one : elements(*value, "later")) {
    ReadLater& later = plan.later.emplace_back();
    later.target = one.string_or("target", "");
    if (const json::Value* account = one.find("account")) later.account = account->string_or("id", "");
    later.account_class = one.string_or("class", "");
    later.entitlement = one.string_or("entitlement", "");
    later.parameters = one.string_or("parameters", "");
    later.rule = one.string_or("rule", "");
    later.identity = one.int_or("identity", 0);
    if (const std::string until = one.string_or("until", ""); !until.empty()) {
      const auto time = Time::parse(until);
      if (!time) return "what stays for a while has no time";
      later.until = time->to_micros();
    }
  }
  for (const auto& one : elements(*value, "unknowns"))
    plan.unknowns.push_back(
        {one.string_or("target", ""), one.string_or("reason", ""), one.int_or("changes_withheld", 0)});
  return std::nullopt;
}

}  // namespace tenure::plan_check

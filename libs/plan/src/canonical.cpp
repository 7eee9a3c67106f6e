#include "canonical.hpp"

#include <charconv>

namespace tenure::plan::codec {
namespace {

constexpr std::int64_t kSafeInteger = (std::int64_t{1} << 53) - 1;

void append_text(std::string& out, std::string_view before, std::string_view text) {
  out += before;
  json::append_quoted(out, text);
}

// Absent when empty.
void append_text_if(std::string& out, std::string_view before, std::string_view text) {
  if (!text.empty()) append_text(out, before, text);
}

// Names of enumerators and the like, with nothing to escape: two texts in one step.
void append_plain(std::string& out, std::string_view before, std::string_view text) {
  out += before;
  out += text;
}

bool append_integer(std::string& out, std::int64_t value) {
  char buffer[24];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
  return value <= kSafeInteger && value >= -kSafeInteger;
}

bool append_value(std::string& out, const json::Value& value);

bool append_elements(std::string& out, const json::Array& elements) {
  out += '[';
  for (const json::Value& element : elements) {
    if (&element != elements.data()) out += ',';
    if (!append_value(out, element)) return false;
  }
  out += ']';
  return true;
}

bool append_members(std::string& out, const json::Object& members) {
  out += '{';
  bool first = true;
  for (const auto& [name, member] : members) {
    if (!first) out += ',';
    first = false;
    json::append_quoted(out, name);
    out += ':';
    if (!append_value(out, member)) return false;
  }
  out += '}';
  return true;
}

bool append_value(std::string& out, const json::Value& value) {
  if (value.is_string())
    json::append_quoted(out, value.as_string());
  else if (value.is_int())
    return append_integer(out, value.as_int());
  else if (value.is_double())
    return false;
  else if (value.is_array())
    return append_elements(out, value.as_array());
  else if (value.is_object())
    return append_members(out, value.as_object());
  else
    out += value.is_null() ? "null" : value.as_bool() ? "true" : "false";
  return true;
}

const std::string& text_of(const std::string& name) {
  return name;
}
template <class Tag>
const std::string& text_of(const Name<Tag>& name) {
  return name.str();
}

// A list of names; absent when there are none.
template <class Names>
void append_names(std::string& out, std::string_view before, const Names& names) {
  if (names.empty()) return;
  out += before;
  char separator = '[';
  for (const auto& name : names) {
    out += separator;
    separator = ',';
    json::append_quoted(out, text_of(name));
  }
  out += ']';
}

// Pairs of a name and a value, ordered by name; of equal names the first counts, as in an object. Absent when there are
// none.
template <class Pairs>
bool append_values(std::string& out, std::string_view before, const Pairs& pairs, std::string_view after = "") {
  if (pairs.empty()) return true;
  out += before;
  char separator = '{';
  const std::string* last = nullptr;
  for (const auto& [name, value] : pairs) {
    if (last != nullptr && *last == name) continue;
    last = &name;
    out += separator;
    separator = ',';
    json::append_quoted(out, name);
    out += ':';
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, std::string>)
      json::append_quoted(out, value);
    else if (!append_value(out, value))
      return false;
  }
  out += '}';
  out += after;
  return true;
}

void append_account(std::string& out, const AccountOf& account) {
  if (account.id.empty() && account.producer.empty() && account.name.empty()) return;
  out += "\"account\":{";
  const std::size_t begin = out.size();
  append_text_if(out, "\"id\":", account.id.str());
  append_text_if(out, out.size() == begin ? "\"name\":" : ",\"name\":", account.name);
  append_text_if(out, out.size() == begin ? "\"producer\":" : ",\"producer\":", account.producer.str());
  out += "},";
}

bool append_reason(std::string& out, const Reason& reason) {
  out += ",\"reason\":{";
  const bool ok = append_values(out, "\"facts\":", reason.facts, ",");
  append_text(out, "\"rule\":", reason.rule);
  append_text_if(out, ",\"term\":", reason.term);
  append_text(out, ",\"text\":", reason.text);
  out += '}';
  return ok;
}

bool append_identity(std::string& out, std::string_view before, model::IdentityId identity, std::string_view after) {
  if (!identity.valid()) return true;
  out += before;
  const bool ok = append_integer(out, identity.value());
  out += after;
  return ok;
}

}  // namespace

bool append_change(std::string& out, const Change& change, std::size_t& slot) {
  out += '{';
  append_account(out, change.account);
  bool ok = append_values(out, "\"attributes\":", change.attributes, ",");
  append_text(out, "\"cause\":", change.cause.str());
  append_text_if(out, ",\"class\":", change.account_class);
  if (change.due != Time{}) append_text(out, ",\"due\":", change.due.to_rfc3339());
  append_text_if(out, ",\"entitlement\":", change.entitlement.str());
  out += ',';
  slot = out.size();
  out += kIdBefore;
  out.append(kIdSize, '-');
  out += kIdAfter;
  ok = append_identity(out, "\"identity\":", change.identity, ",") && ok;
  append_plain(out, "\"kind\":\"", name_of(change.kind));
  append_plain(out, "\",\"lane\":\"", name_of(change.lane));
  out += change.manual ? "\",\"manual\":true" : "\"";
  ok = append_values(out, ",\"names\":", change.names) && ok;
  append_names(out, ",\"needs\":", change.needs);
  append_text_if(out, ",\"parameters\":", change.parameters);
  ok = append_values(out, ",\"prior\":", change.prior) && ok;
  append_text_if(out, ",\"prior_parameters\":", change.prior_parameters);
  out += change.prior_present ? ",\"prior_present\":true" : ",\"prior_present\":false";
  append_plain(out, ",\"purpose\":\"", model::name_of(change.purpose));
  out += '"';
  ok = append_reason(out, change.reason) && ok;
  append_plain(out, ",\"risk\":\"", model::name_of(change.risk));
  append_text(out, "\",\"target\":", change.target.str());
  append_plain(out, ",\"verb\":\"", name_of(change.verb));
  out += "\"}";
  return ok;
}

bool append_cause(std::string& out, const Cause& cause) {
  append_text(out, "{\"id\":", cause.id.str());
  const bool ok = append_identity(out, ",\"identity\":", cause.identity, "");
  append_text(out, ",\"kind\":", cause.kind);
  append_text(out, ",\"root\":", cause.root);
  append_text(out, ",\"text\":", cause.text);
  out += '}';
  return ok;
}

bool append_unknown(std::string& out, const Unknown& unknown) {
  out += "{\"changes_withheld\":";
  const bool ok = append_integer(out, unknown.changes_withheld);
  append_text(out, ",\"reason\":", unknown.reason);
  append_text_if(out, ",\"target\":", unknown.target.str());
  append_text(out, ",\"what\":", unknown.what);
  out += '}';
  return ok;
}

bool append_later(std::string& out, const Later& later) {
  out += '{';
  append_account(out, later.account);
  append_text(out, "\"after\":", later.after.to_string());
  append_text_if(out, ",\"class\":", later.account_class);
  append_text(out, ",\"entitlement\":", later.entitlement.str());
  const bool ok = append_identity(out, ",\"identity\":", later.identity, "");
  append_text_if(out, ",\"parameters\":", later.parameters);
  append_text(out, ",\"rule\":", later.rule);
  append_text(out, ",\"target\":", later.target.str());
  if (later.until != Time::never()) append_text(out, ",\"until\":", later.until.to_rfc3339());
  out += '}';
  return ok;
}

bool append_guard(std::string& out, const GuardResult& guard) {
  out += '{';
  append_names(out, "\"causes\":", guard.causes);
  append_text(out, guard.causes.empty() ? "\"guard\":" : ",\"guard\":", guard.guard);
  out += guard.held ? ",\"held\":true" : ",\"held\":false";
  append_text(out, ",\"text\":", guard.text);
  out += '}';
  return true;
}

namespace {

// The members of a step, in byte order; the object stays open.
bool append_step(std::string& out, int count, const std::vector<std::string>& approvers, Duration after,
                 const std::vector<std::string>& to) {
  out += '{';
  append_names(out, "\"approvers\":", approvers);
  out += approvers.empty() ? "\"count\":" : ",\"count\":";
  const bool ok = append_integer(out, count);
  if (after != Duration()) append_text(out, ",\"escalate_after\":", after.to_string());
  append_names(out, ",\"escalate_to\":", to);
  return ok;
}

}  // namespace

bool append_approval(std::string& out, const ApprovalNeeded& approval) {
  bool ok = append_step(out, approval.count, approval.approvers, approval.escalate_after, approval.escalate_to);
  append_text(out, ",\"rule\":", approval.rule);
  append_text(out, ",\"text\":", approval.text);
  if (!approval.then.empty()) out += ",\"then\":[";
  for (const ApprovalStep& step : approval.then) {
    if (&step != &approval.then.front()) out += ',';
    ok = append_step(out, step.count, step.approvers, step.escalate_after, step.escalate_to) && ok;
    out += '}';
  }
  if (!approval.then.empty()) out += ']';
  out += '}';
  return ok;
}

}  // namespace tenure::plan::codec

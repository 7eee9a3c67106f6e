// Random model values for the tests of Population: few names and numbers, so that they meet.
#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <tenure/model/access.hpp>
#include <tenure/model/decision.hpp>
#include <tenure/model/identity.hpp>

namespace tenure::population {

class RandomValues {
 public:
  explicit RandomValues(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t limit) { return random_() % limit; }
  bool once_in(std::size_t n) { return below(n) == 0; }
  std::string one_of(const std::vector<std::string>& texts) { return texts[below(texts.size())]; }
  Time time() { return once_in(5) ? Time::never() : Time::from_micros(static_cast<std::int64_t>(below(50)) - 10); }

  json::Value value() {
    switch (below(8)) {
      case 0:
        return nullptr;
      case 1:
        return once_in(2);
      case 2:
        return static_cast<std::int64_t>(below(5)) - 2;
      case 3:
        return json::Array{"a", once_in(2) ? "b" : "c"};
      case 4:
        return 0.5;
      default:
        return one_of({"", "Sales", "Engineering", "1", "true"});
    }
  }
  model::SourceName source() { return model::SourceName(one_of({"hr", "contractors", ""})); }

  model::Identity identity(std::int64_t ids) {
    model::Identity out;
    out.id = model::IdentityId(1 + static_cast<std::int64_t>(below(static_cast<std::size_t>(ids))));
    out.kind = static_cast<model::IdentityKind>(below(5));
    out.key = once_in(3) ? one_of({"", "k1", "k2"}) : "P" + std::to_string(out.id.value());
    for (const char* name : {"department", "level", "manager", "zone", "area"})
      if (!once_in(3)) out.facts.emplace(name, model::Fact{value(), once_in(4), source(), time()});
    for (std::size_t n = below(3); n > 0; --n)
      out.engagements.push_back(
          {source(), "r" + std::to_string(below(5)), time(), time(), one_of({"active", "leave"})});
    for (std::size_t n = below(3); n > 0; --n)
      out.relations.push_back(
          {one_of({"manager", "owner"}), model::IdentityId(static_cast<std::int64_t>(below(9))), source()});
    for (std::size_t n = below(3); n > 0; --n) out.records.push_back({source(), "r" + std::to_string(below(5))});
    if (once_in(6)) out.alias_of = model::IdentityId(1 + static_cast<std::int64_t>(below(5)));
    return out;
  }

  model::TargetName target() { return model::TargetName(one_of({"directory", "ledger", "a/b"})); }
  model::NativeId account_id() {
    return model::NativeId(one_of({"u1", "u2", "u3", "u4", "x/y", "x", "u5", "u6", "U7"}));
  }
  model::AccountRef account_ref() { return {target(), account_id()}; }
  model::EntitlementId entitlement() { return model::EntitlementId(one_of({"staff", "sales", "y/z", "z", "crm"})); }
  model::Parameters parameters() { return once_in(3) ? one_of({"{\"access\":\"READ\"}", "{\"path\":\"/a\"}"}) : ""; }
  model::IdentityId owner() { return model::IdentityId(static_cast<std::int64_t>(below(12))); }

  model::Account account(const model::NativeId& id) {
    model::Account out;
    out.id = id;
    if (once_in(4)) out.incarnation = one_of({"i1", "i2"});
    out.name = one_of({"ana", "Ana", "bo", "", "cy", "dee"});
    out.account_class = one_of({"people", "admins", ""});
    out.purpose = static_cast<model::Purpose>(below(5));
    out.enabled = once_in(2);
    if (once_in(4)) out.restriction = one_of({"locked", "expired"});
    for (const char* name : {"mail", "title", "uid"})
      if (once_in(2)) out.attributes.emplace(name, value());
    return out;
  }
  std::vector<model::Grant> grants_of(const model::NativeId& id) {
    std::vector<model::Grant> out;
    for (std::size_t n = below(5); n > 0; --n) out.push_back({{id, {}}, entitlement(), parameters()});
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }
  model::Observation observation() {
    model::Observation out;
    out.target = target();
    out.read_at = time();
    out.coverage = {once_in(2), {one_of({"people", "entitlements"})}, one_of({"", "timed out"})};
    for (const char* id : {"u1", "u2", "u3", "u4", "x/y", "x", "u8"}) {
      if (once_in(2)) out.accounts.push_back(account(model::NativeId(id)));
      if (once_in(2))
        for (auto& grant : grants_of(model::NativeId(id))) out.grants.push_back(std::move(grant));
    }
    for (const char* id : {"staff", "sales", "vpn"})
      if (once_in(2)) out.entitlements.push_back({model::EntitlementId(id), one_of({"", "Title"})});
    if (once_in(3)) out.grants.push_back({{{}, model::EntitlementId("staff")}, entitlement(), parameters()});
    out.sort();
    return out;
  }

  model::Claim claim() {
    return {account_ref(), owner(), static_cast<model::Purpose>(below(5)), one_of({"created", "declared"}), time()};
  }
  model::Decision decision() {
    model::Decision out;
    out.kind = once_in(3) ? static_cast<model::DecisionKind>(below(7)) : model::DecisionKind::kGranted;
    out.account = account_ref();
    if (!once_in(5)) {
      out.entitlement = entitlement();
      out.parameters = parameters();
    }
    out.owner = one_of({"", "ana.ash"});
    out.actor = one_of({"rule", "bo"});
    out.reason = one_of({"", "because"});
    out.ticket = one_of({"", "T-1"});
    out.second_person = one_of({"", "cy"});
    out.since = time();
    out.until = time();
    return out;
  }
  model::NameTaken name() {
    return {target(), one_of({"uid", "mail"}), one_of({"ana", "Ana", "ANA", "bo", "u/v", ""}), owner(), time()};
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace tenure::population

#include "vocabulary.hpp"

#include <algorithm>

#include <tenure/cel/environment.hpp>
#include <tenure/cel/json.hpp>
#include <tenure/cel/program.hpp>
#include <tenure/policy/evaluate.hpp>
#include <tenure/policy/parametric.hpp>

namespace tenure::policy {
namespace {

const AttributeDecl* find_declared(const Vocabulary& vocabulary, std::string_view name) {
  for (const AttributeDecl& decl : vocabulary.attributes)
    if (decl.name == name) return &decl;
  return nullptr;
}

cel::Value fact_value(const AttributeDecl& decl, const model::Identity& identity) {
  const auto found = identity.facts.find(decl.name);
  if (found == identity.facts.end()) return fact_value(decl, nullptr);
  return found->second.unknown ? cel::Value::unknown() : fact_value(decl, &found->second.value);
}

class IdentityObject final : public cel::Object {
 public:
  IdentityObject(const Vocabulary& vocabulary, const model::Identity& identity)
      : vocabulary_(vocabulary), identity_(identity) {}
  const cel::ObjectType& type() const override { return *vocabulary_.identity; }
  cel::Value field(std::size_t index) const override {
    if (index == 0) return cel::Value::string(identity_.key);
    if (index == 1) return cel::Value::string(std::string(model::name_of(identity_.kind)));
    return fact_value(vocabulary_.attributes[index - kIdentityFixedFields], identity_);
  }

 private:
  const Vocabulary& vocabulary_;
  const model::Identity& identity_;
};

class AccountObject final : public cel::Object {
 public:
  AccountObject(const Vocabulary& vocabulary, AllocatedNames names)
      : vocabulary_(vocabulary), names_(std::move(names)) {}
  const cel::ObjectType& type() const override { return *vocabulary_.account; }
  cel::Value field(std::size_t index) const override {
    const auto found = names_.find(vocabulary_.account->fields()[index].name);
    return found == names_.end() ? cel::Value::unknown() : cel::Value::string(found->second);
  }

 private:
  const Vocabulary& vocabulary_;
  AllocatedNames names_;
};

// What an expression read: the known facts, and the names of the unknown ones.
struct Read {
  FactList facts;
  std::vector<std::string> unknown;
};

Read read_facts(const Vocabulary& vocabulary, const cel::Program& program, const cel::Activation& activation,
                const model::Identity& identity) {
  Read read;
  for (const std::string& path : program.references()) {
    const std::size_t dot = path.find('.');
    const std::string_view variable = std::string_view(path).substr(0, dot);
    const std::string name = dot == std::string::npos ? std::string() : path.substr(dot + 1);
    if (variable == "account") {
      const cel::Value* account = activation.find(kAccountVariable);
      const auto index = vocabulary.account->find(name);
      if (account != nullptr && index && account->as_object().field(*index).is_unknown())
        read.unknown.push_back("account." + name);
    } else if (name == "kind") {
      read.facts.emplace_back(name, std::string(model::name_of(identity.kind)));
    } else if (name == "key") {
      read.facts.emplace_back(name, identity.key);
    } else if (const AttributeDecl* decl = find_declared(vocabulary, name)) {
      const auto fact = identity.facts.find(name);
      if (fact_value(*decl, identity).is_unknown())
        read.unknown.push_back(name);
      else
        read.facts.emplace_back(name, fact == identity.facts.end() ? json::Value() : fact->second.value);
    }
  }
  std::sort(read.facts.begin(), read.facts.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return read;
}

// Of several conditions: by name, each once.
void in_order(FactList& facts) {
  std::sort(facts.begin(), facts.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  facts.erase(std::unique(facts.begin(), facts.end()), facts.end());
}

std::string trouble_of(const Result<cel::Value>& value, const Read& read) {
  if (!value) return "the expression failed: " + value.error().message();
  if (read.unknown.empty()) return "the expression is unknown";
  std::string text;
  for (const std::string& name : read.unknown) text += (text.empty() ? "" : ", ") + name;
  return text + (read.unknown.size() == 1 ? " is unknown" : " are unknown");
}

model::IdentityKind kind_of(const PolicySet& set, const RoleGrant& grant) {
  const auto target = set.targets.find(grant.target);
  const AccountClassDoc* found =
      target == set.targets.end() ? nullptr : target->second.account_class(grant.account_class);
  return found == nullptr ? model::IdentityKind::kPerson : found->kind;
}

}  // namespace

Subject::Subject(const PolicySet& set, const model::Identity& identity, AllocatedNames names)
    : set_(&set), identity_(&identity), activation_(std::make_unique<cel::Activation>()) {
  activation_->set(kIdentityVariable, cel::Value::object(std::make_shared<IdentityObject>(*set.vocabulary, identity)));
  set_names(std::move(names));
}
Subject::~Subject() = default;
Subject::Subject(Subject&&) noexcept = default;
Subject& Subject::operator=(Subject&&) noexcept = default;

void Subject::set_names(AllocatedNames names) {
  activation_->set(kAccountVariable,
                   cel::Value::object(std::make_shared<AccountObject>(*set_->vocabulary, std::move(names))));
}

Verdict Subject::condition(const Expression& expression) const {
  return verdict(expression, true);
}

Verdict Subject::verdict(const Expression& expression, bool facts_of_false) const {
  const auto value = expression.program->evaluate(*activation_);
  Verdict verdict;
  if (!facts_of_false && value && value->is_false()) return verdict;
  Read read = read_facts(*set_->vocabulary, *expression.program, *activation_, *identity_);
  if (value && value->is_true())
    verdict.truth = Truth::kTrue;
  else if (!value || !value->is_false())
    verdict.truth = Truth::kUnknown;
  if (verdict.truth == Truth::kUnknown) verdict.trouble = trouble_of(value, read);
  verdict.facts = std::move(read.facts);
  verdict.unknown = std::move(read.unknown);
  return verdict;
}

Computed Subject::value(const Expression& expression) const {
  const auto value = expression.program->evaluate(*activation_);
  Read read = read_facts(*set_->vocabulary, *expression.program, *activation_, *identity_);
  Computed computed;
  if (value && !value->is_unknown()) {
    auto plain = cel::to_json(*value);
    computed.unknown = !plain;
    if (plain)
      computed.value = std::move(*plain);
    else
      computed.trouble = plain.error().message();
  } else {
    computed.unknown = true;
    computed.trouble = trouble_of(value, read);
  }
  computed.facts = std::move(read.facts);
  computed.unknown_attributes = std::move(read.unknown);
  return computed;
}

Computed Subject::value_alone(const Expression& expression) const {
  const auto value = expression.program->evaluate(*activation_);
  Computed computed;
  computed.unknown = !value || value->is_unknown();
  if (computed.unknown) return computed;
  auto plain = cel::to_json(*value);
  computed.unknown = !plain;
  if (plain) computed.value = std::move(*plain);
  return computed;
}

Verdict Subject::line(const GrantLine& line, model::LifecycleState state) const {
  if (line.kind != identity_->kind) return {};
  if (std::find(line.states.begin(), line.states.end(), state) == line.states.end()) return {};
  if (line.conditions.empty()) return {Truth::kTrue, {}, {}, {}};
  if (first_ != line.conditions.front()) {
    first_verdict_ = verdict(*line.conditions.front(), false);
    first_ = line.conditions.front();
  }
  if (first_verdict_.truth == Truth::kFalse) return {};
  Verdict all = first_verdict_;
  for (std::size_t i = 1; i < line.conditions.size(); ++i) {
    Verdict next = verdict(*line.conditions[i], false);
    if (next.truth == Truth::kFalse) return next;
    if (all.truth == Truth::kTrue) {
      all.truth = next.truth;
      all.trouble = std::move(next.trouble);
    }
    all.facts.insert(all.facts.end(), std::make_move_iterator(next.facts.begin()),
                     std::make_move_iterator(next.facts.end()));
    for (std::string& name : next.unknown)
      if (std::find(all.unknown.begin(), all.unknown.end(), name) == all.unknown.end())
        all.unknown.push_back(std::move(name));
  }
  if (line.conditions.size() > 1) in_order(all.facts);
  return all;
}

FactList Subject::facts_of(const GrantLine& line) const {
  FactList all;
  for (const Expression* condition : line.conditions) {
    Read read = read_facts(*set_->vocabulary, *condition->program, *activation_, *identity_);
    all.insert(all.end(), std::make_move_iterator(read.facts.begin()), std::make_move_iterator(read.facts.end()));
  }
  if (line.conditions.size() > 1) in_order(all);
  return all;
}

Values Subject::values(const ForEach& for_each) const {
  Computed computed = value(for_each.values);
  Values out;
  out.facts = std::move(computed.facts);
  out.unknown = computed.unknown;
  if (computed.unknown) {
    out.trouble = std::move(computed.trouble);
    out.unknown_attributes = std::move(computed.unknown_attributes);
    return out;
  }
  const auto take = [&](const json::Value& one) {
    if (!one.is_string() || one.as_string().empty()) return;
    if (is_parameter_value(one.as_string()))
      out.values.push_back(one.as_string());
    else
      out.trouble = "a value of " + for_each.variable + " has characters that no entitlement is named with";
  };
  if (computed.value.is_array())
    for (const json::Value& one : computed.value.as_array()) take(one);
  else
    take(computed.value);
  std::sort(out.values.begin(), out.values.end());
  out.values.erase(std::unique(out.values.begin(), out.values.end()), out.values.end());
  if (out.values.size() <= kValuesMax) return out;
  out.unknown = true;
  out.values.clear();
  out.trouble = "more than " + std::to_string(kValuesMax) + " values of " + for_each.variable;
  return out;
}

Verdict Subject::may_request(const RequestDoc& request) const {
  return request.allowed_if ? condition(*request.allowed_if) : Verdict{Truth::kTrue, {}, {}, {}};
}

Verdict Subject::role(const RoleDoc& role, model::LifecycleState state) const {
  if (std::find(role.states.begin(), role.states.end(), state) == role.states.end()) return {};
  const bool for_this_kind = std::any_of(role.grants.begin(), role.grants.end(), [&](const RoleGrant& grant) {
    return kind_of(*set_, grant) == identity_->kind;
  });
  if (!for_this_kind || !role.assign) return {};
  return condition(*role.assign);
}

Verdict Subject::grant(const RoleGrant& grant) const {
  if (kind_of(*set_, grant) != identity_->kind) return {};
  if (!grant.when) return {Truth::kTrue, {}, {}, {}};
  return condition(*grant.when);
}

std::string candidate(const AllocationRule& rule, std::string_view base, std::size_t n) {
  const std::string number = n < 2 ? std::string() : std::to_string(n);
  if (rule.length_max > 0 && base.size() + number.size() > rule.length_max) {
    std::size_t keep = rule.length_max > number.size() ? rule.length_max - number.size() : 0;
    while (keep > 0 && (static_cast<unsigned char>(base[keep]) & 0xC0) == 0x80) --keep;
    base = base.substr(0, keep);
  }
  return std::string(base) + number;
}

const std::map<std::string, AllocationPlace, std::less<>>& allocation_places(const PolicySet& set) {
  return set.allocations;
}

std::vector<const ApprovalRule*> approvals_for(const PolicySet& set, const ChangeFacts& change) {
  const auto text = [](const std::string& value) { return cel::Value::string(value); };
  cel::Activation activation;
  activation.set(kChangeVariable,
                 cel::Value::object(std::make_shared<cel::Record>(
                     set.vocabulary->change,
                     std::vector<cel::Value>{
                         text(change.verb), text(change.kind), text(change.risk), text(change.target),
                         text(change.entitlement), text(change.purpose), text(change.state), text(change.cause),
                         cel::Value::boolean(change.takes_away), cel::Value::boolean(change.manual)})));
  std::vector<const ApprovalRule*> matching;
  for (const ApprovalRule& rule : set.approvals) {
    if (rule.otherwise) continue;
    if (rule.when) {
      const auto value = rule.when->program->evaluate(activation);
      // A rule that cannot be decided asks; a standing one that cannot be decided does not excuse.
      if (value ? !value->is_true() : rule.standing) continue;
    }
    matching.push_back(&rule);
  }
  if (!matching.empty()) return matching;
  for (const ApprovalRule& rule : set.approvals)
    if (rule.otherwise) matching.push_back(&rule);
  return matching;
}

}  // namespace tenure::policy

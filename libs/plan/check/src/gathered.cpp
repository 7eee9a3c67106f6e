#include <map>

#include <tenure/plan_check/gathered.hpp>

namespace tenure::plan_check {
namespace {

constexpr std::uint8_t kNobodysState = 0xFF;

template <class Key>
Code number_of(std::map<Key, Code>& numbers, const Key& key) {
  return numbers.try_emplace(key, static_cast<Code>(numbers.size())).first->second;
}

struct Column {
  std::vector<std::uint32_t> codes;  // 0: no such fact
  std::vector<std::uint64_t> unknown;
  std::map<std::string, Code> numbers;  // by text
  std::vector<json::Value> values = {nullptr};
};

struct Target {
  std::vector<std::string> accounts;
  std::vector<Code> owners;
  std::vector<std::uint8_t> logins;
  std::vector<std::uint64_t> offsets;
  std::vector<Code> rights, rules;
  std::map<std::pair<std::string, std::string>, Code> numbers;
  std::vector<Right> names;
};

}  // namespace

struct Gathered::Storage {
  Input input;
  std::vector<std::uint8_t> lifecycle;
  std::map<std::string, Code> states, rules;
  std::map<std::string, Column> columns;
  std::map<std::string, Target> targets;
  Target* target = nullptr;
};

Gathered::Gathered() : storage_(std::make_unique<Storage>()) {}
Gathered::~Gathered() = default;
Gathered::Gathered(Gathered&&) noexcept = default;
Gathered& Gathered::operator=(Gathered&&) noexcept = default;

Input& Gathered::input() {
  return storage_->input;
}
const Input& Gathered::input() const {
  return storage_->input;
}

void Gathered::identity(std::int64_t id, const std::string& state) {
  const auto row = static_cast<std::size_t>(id - 1);
  if (row >= storage_->lifecycle.size()) storage_->lifecycle.resize(row + 1, kNobodysState);
  storage_->lifecycle[row] = static_cast<std::uint8_t>(number_of(storage_->states, state));
}

void Gathered::fact(std::int64_t id, const std::string& attribute, const std::optional<json::Value>& value) {
  const auto row = static_cast<std::size_t>(id - 1);
  Column& column = storage_->columns[attribute];
  if (row >= column.codes.size()) {
    column.codes.resize(row + 1, 0);
    column.unknown.resize(row / 64 + 1, 0);
  }
  if (!value) {
    column.unknown[row / 64] |= std::uint64_t{1} << (row % 64);
    return;
  }
  const auto [it, fresh] = column.numbers.try_emplace(json::to_string(*value), static_cast<Code>(column.values.size()));
  if (fresh) column.values.push_back(*value);
  column.codes[row] = it->second;
}

void Gathered::account(const std::string& target, const std::string& account, std::int64_t owner, bool login) {
  Target& here = storage_->targets[target];
  here.accounts.push_back(account);
  here.owners.push_back(owner > 0 ? static_cast<Code>(owner - 1) : kNone);
  here.logins.push_back(login ? 1 : 0);
  here.offsets.push_back(here.rights.size());
  storage_->target = &here;
}

void Gathered::right(const std::string& entitlement, const std::string& parameters, const std::string& rule) {
  Target& here = *storage_->target;
  const Code right = number_of(here.numbers, {entitlement, parameters});
  if (right == here.names.size()) here.names.push_back({entitlement, parameters});
  here.rights.push_back(right);
  here.rules.push_back(rule.empty() ? kNone : number_of(storage_->rules, rule));
}

void Gathered::finish() {
  Storage& all = *storage_;
  Input& input = all.input;
  input.lifecycle = all.lifecycle;
  input.state_names.resize(all.states.size());
  for (const auto& [name, number] : all.states) input.state_names[number] = name;
  input.rule_names.resize(all.rules.size());
  for (const auto& [name, number] : all.rules) input.rule_names[number] = name;
  for (const auto& [name, column] : all.columns)
    input.attributes.push_back({name, {}, column.codes, column.unknown, [&column](Code code) -> const json::Value* {
                                  return code == 0 ? nullptr : &column.values[code];
                                }});
  for (auto& [name, target] : all.targets) {
    target.offsets.push_back(target.rights.size());
    input.held.push_back({name, [&target](std::uint32_t account) { return std::string_view(target.accounts[account]); },
                          target.owners, target.logins, target.offsets, target.rights, target.rules, target.names});
  }
}

}  // namespace tenure::plan_check

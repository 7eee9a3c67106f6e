#include "conditions.hpp"

#include <algorithm>

#include <tenure/cel/json.hpp>

namespace tenure::plan_check {

Conditions::Conditions(const Input& input) : input_(input) {
  identity_ = environment_.add_variable("identity", cel::Type::map(cel::Type::string(), cel::Type::dyn()));
}

std::shared_ptr<const cel::Program> Conditions::compiled(const std::string& text) {
  const auto it = programs_.find(text);
  if (it != programs_.end()) return it->second;
  cel::CompileOptions options;
  options.check = false;  // the types were checked when the policy was loaded; here only the values count
  auto program = cel::compile(environment_, text, options);
  auto shared = program ? std::make_shared<const cel::Program>(std::move(*program)) : nullptr;
  return programs_.emplace(text, std::move(shared)).first->second;
}

std::size_t Conditions::number_of(const std::vector<std::string>& conditions) {
  const auto [it, fresh] = numbers_.try_emplace(conditions, lists_.size());
  if (!fresh) return it->second;
  List& list = lists_.emplace_back();
  for (const std::string& text : conditions) {
    list.programs.push_back(compiled(text));
    if (list.programs.back() == nullptr) continue;
    for (const std::string& path : list.programs.back()->references()) {
      const std::size_t dot = path.find('.');
      const std::string name = dot == std::string::npos ? std::string() : path.substr(dot + 1);
      const auto found = std::find_if(input_.attributes.begin(), input_.attributes.end(),
                                      [&](const Attribute& attribute) { return attribute.name == name; });
      if (found == input_.attributes.end())
        list.whole = true;
      else if (std::find(list.reads.begin(), list.reads.end(), &*found) == list.reads.end())
        list.reads.push_back(&*found);
    }
  }
  if (list.reads.size() > 1) list.combinations.resize(list.reads.size() - 1);
  return it->second;
}

Answer Conditions::evaluate(const List& list, const json::Object& facts) const {
  cel::Activation activation;
  std::vector<cel::Map::Entry> entries;
  for (const auto& [name, value] : facts) {
    const auto type = input_.dates.contains(name) && !value.is_null() ? cel::Type::timestamp() : cel::Type::dyn();
    auto fact = cel::from_json(value, type, name);
    if (!fact) return Answer::kCannotTell;
    entries.emplace_back(cel::Value::string(name), std::move(*fact));
  }
  auto map = cel::Map::from(std::move(entries));
  if (!map) return Answer::kCannotTell;
  activation.set(identity_, cel::Value::map(std::move(*map)));
  Answer answer = Answer::kYes;
  for (const auto& program : list.programs) {
    if (program == nullptr) return Answer::kCannotTell;
    const auto value = program->evaluate(activation);
    if (value && value->is_false()) return Answer::kNo;
    if (!value || !value->is_true()) answer = Answer::kCannotTell;
  }
  return answer;
}

Answer Conditions::on_facts(std::size_t number, const json::Object& facts) {
  List& list = lists_[number];
  const auto [it, fresh] = list.by_facts.try_emplace(json::to_string(facts), Answer::kCannotTell);
  if (fresh) it->second = evaluate(list, facts);
  return it->second;
}

std::uint32_t Conditions::code_of(const Attribute& attribute, std::uint32_t row) {
  if (row / 64 < attribute.unknown.size() && (attribute.unknown[row / 64] >> (row % 64) & 1U) != 0) return kUnknown;
  if (row < attribute.codes16.size()) return attribute.codes16[row];
  return row < attribute.codes32.size() ? attribute.codes32[row] : kUnknown;
}

Answer Conditions::on_codes(const List& list, const std::vector<std::uint32_t>& codes) const {
  // A fact that is not there makes every expression that needs it fail: nothing is concluded from it.
  json::Object facts;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const json::Value* value = codes[i] == kUnknown ? nullptr : list.reads[i]->value(codes[i]);
    if (value != nullptr) facts.emplace(list.reads[i]->name, *value);
  }
  return evaluate(list, facts);
}

Answer Conditions::on_row(std::size_t number, std::uint32_t row) {
  constexpr std::size_t kDenseMax = 1U << 16U;
  List& list = lists_[number];
  if (list.whole) return Answer::kCannotTell;
  codes_.clear();
  for (const Attribute* attribute : list.reads) codes_.push_back(code_of(*attribute, row));
  if (codes_.size() == 1 && codes_[0] < kDenseMax) {
    if (codes_[0] >= list.by_code.size()) list.by_code.resize(codes_[0] + 64, 0);
    std::uint8_t& known = list.by_code[codes_[0]];
    if (known == 0) known = static_cast<std::uint8_t>(1 + static_cast<int>(on_codes(list, codes_)));
    return static_cast<Answer>(known - 1);
  }
  std::uint64_t key = codes_.empty() ? 0 : codes_[0];
  for (std::size_t i = 1; i < codes_.size(); ++i) {
    key = key << 32U | codes_[i];
    if (i + 1 == codes_.size()) break;
    auto& numbers = list.combinations[i - 1];
    key = numbers.try_emplace(key, static_cast<std::uint32_t>(numbers.size())).first->second;
  }
  const auto [it, fresh] = list.by_combination.try_emplace(key, Answer::kCannotTell);
  if (fresh) it->second = on_codes(list, codes_);
  return it->second;
}

}  // namespace tenure::plan_check

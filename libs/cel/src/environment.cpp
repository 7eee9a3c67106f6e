#include "functions.hpp"

#include <utility>

#include <tenure/cel/environment.hpp>

namespace tenure::cel {
namespace {

using Functions = std::vector<std::shared_ptr<const Function>>;

// Made once: environments share them.
const Functions& standard_functions() {
  static const Functions all = [] {
    Functions made;
    for (auto* group : {core_functions, string_functions, strings_extension, time_functions, identity_extension})
      for (Function& f : group()) made.push_back(std::make_shared<const Function>(std::move(f)));
    return made;
  }();
  return all;
}

}  // namespace

Environment::Environment() {
  for (const auto& f : standard_functions()) functions_[f->receiver ? 1 : 0][f->name] = f;
}

VariableIndex Environment::add_variable(std::string name, Type type) {
  const auto [it, added] = by_name_.try_emplace(name, static_cast<VariableIndex>(variables_.size()));
  if (added) {
    variables_.push_back({std::move(name), std::move(type)});
  } else {
    variables_[it->second].type = std::move(type);
  }
  return it->second;
}

void Environment::add_function(Function function) {
  auto& slot = functions_[function.receiver ? 1 : 0][function.name];
  if (slot != nullptr)
    function.overloads.insert(function.overloads.begin(), slot->overloads.begin(), slot->overloads.end());
  slot = std::make_shared<const Function>(std::move(function));
}

std::optional<VariableIndex> Environment::find_variable(std::string_view name) const {
  const auto it = by_name_.find(name);
  if (it == by_name_.end()) return std::nullopt;
  return it->second;
}

std::shared_ptr<const Function> Environment::find_function(std::string_view name, bool receiver) const {
  const auto& all = functions_[receiver ? 1 : 0];
  const auto it = all.find(name);
  return it == all.end() ? nullptr : it->second;
}

std::vector<std::string> Environment::function_names(bool receiver) const {
  std::vector<std::string> names;
  for (const auto& [name, function] : functions_[receiver ? 1 : 0]) names.push_back(name);
  return names;
}

void Activation::set(VariableIndex variable, Value value) {
  if (variable >= values_.size()) values_.resize(variable + 1);
  values_[variable] = std::move(value);
}

Status Activation::set(const Environment& environment, std::string_view name, Value value) {
  const auto variable = environment.find_variable(name);
  if (!variable) return fail(Reason::kCelUnknownName, "there is no variable \"" + std::string(name) + "\"");
  set(*variable, std::move(value));
  return {};
}

const Value* Activation::find(VariableIndex variable) const {
  if (variable >= values_.size() || !values_[variable]) return nullptr;
  return &*values_[variable];
}

}  // namespace tenure::cel

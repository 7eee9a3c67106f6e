// What the two forms of examples have in common.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <tenure/model/identity.hpp>
#include <tenure/policy/roles.hpp>
#include <tenure/policy/test.hpp>

namespace tenure::policy {

// Somebody with the attributes of an example; all others are unknown.
model::Identity identity_of(const json::Value& example);

// "PAY.DATA access=READ" -> id and the parameters that are asked for.
struct Wanted {
  std::string id;
  std::vector<std::pair<std::string, std::string>> parameters;
};
Wanted parse_wanted(const std::string& text);
bool is_wanted(const RoleGrant::Entitled& entitled, const Wanted& wanted);

// Of an example of a document.
std::vector<ExampleFault> faults_of(const PolicySet& set, const Example& example);

}  // namespace tenure::policy

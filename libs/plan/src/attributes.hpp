// The values that roles give an account's attributes.
#pragma once

#include <string>
#include <vector>

#include <tenure/plan/desired.hpp>

namespace tenure::plan {

struct WantedAttributes {
  model::AttributeMap values;
  std::vector<std::string> unknown;  // attributes whose value cannot be told: they keep what they have
};

// For a new account all rules, for one that is there only the enforced ones. Of several rules for one attribute the
// first decides.
WantedAttributes attributes_of(const policy::Subject& subject, const DesiredAccount& wanted, bool creating);

}  // namespace tenure::plan

// Does what was read back show what was asked? Used by connectors before they return an image, by the host on every
// image that a connector returns, and by tests as the oracle.
#pragma once

#include <optional>
#include <string>

#include <tenure/base/error.hpp>
#include <tenure/connector/connector.hpp>
#include <tenure/model/access.hpp>

namespace tenure::connector {

// The texts of an attribute value: null, "" and [] have none; scalars have one; arrays their elements' texts, sorted
// (the order of values of one attribute means nothing).
std::vector<std::string> attribute_texts(const json::Value& value);
// The value in the form of observations: a text for one, an array for more; nothing when there are none (a reading then
// says "": the attribute was read, and has none, while one that could not be read is left out of the map).
std::optional<json::Value> attribute_value(std::vector<std::string> texts);

// Each says what is not as asked, or nothing when all is.
std::optional<std::string> difference(const model::AccountImage& image, const AccountDraft& draft);
std::optional<std::string> difference(const model::AccountImage& image, const model::AttributeMap& attributes);
bool holds(const model::AccountImage& image, const model::EntitlementId& entitlement,
           const model::Parameters& parameters);

// Error kTargetUnverified, effect unknown.
std::unexpected<Error> unverified(std::string what);

}  // namespace tenure::connector

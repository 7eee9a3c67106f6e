// SCIM resources as values: dotted attribute paths, users to accounts, PATCH bodies (RFC 7644 section 3.5.2).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tenure/base/json.hpp>
#include <tenure/model/access.hpp>

namespace tenure::connector_scim {

// The value at a path of an account attribute: "title", "name.givenName", an extension's "urn:...:User:department".
// Multi-valued "emails", "phoneNumbers" and the like are their primary (else first) value. Attribute names compare
// without case. nullopt: not there.
std::optional<json::Value> get_path(const json::Value& resource, const std::string& path);
// Sets it in a resource that is to be created; multi-valued ones become one primary work value.
void set_path(json::Object& resource, const std::string& path, const json::Value& value);
// Whether the attribute is one of the multi-valued ones of the core schema that hold complex values.
bool is_multi_valued(const std::string& path);

// REQUIRES: the user has an id (checked by the caller).
model::Account account_of(const json::Value& user, const std::string& account_class, model::Purpose purpose,
                          const std::vector<std::string>& attributes);

json::Value patch_body(json::Array operations);
json::Value replace_operation(const std::string& path, const json::Value& value);

}  // namespace tenure::connector_scim

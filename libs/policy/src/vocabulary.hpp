// What expressions of a policy set may refer to, and where their variables stand.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <tenure/cel/environment.hpp>
#include <tenure/cel/type.hpp>
#include <tenure/policy/policy_set.hpp>

namespace tenure::policy {

// Every environment declares its variables in this order, so that the indices are the same everywhere.
constexpr cel::VariableIndex kIdentityVariable = 0;
constexpr cel::VariableIndex kAccountVariable = 1;
constexpr cel::VariableIndex kRecordVariable = 0;
constexpr cel::VariableIndex kChangeVariable = 0;

struct Vocabulary {
  // Fields: key, kind, then the declared attributes in order.
  std::shared_ptr<const cel::ObjectType> identity;
  std::vector<AttributeDecl> attributes;
  // Fields: every attribute that some account class allocates, in byte order; strings.
  std::shared_ptr<const cel::ObjectType> account;
  std::shared_ptr<const cel::ObjectType> change;
  cel::Environment conditions;  // identity
  cel::Environment values;      // identity, account
  cel::Environment changes;     // change
};
constexpr std::size_t kIdentityFixedFields = 2;

cel::Type type_of(AttributeType type);
// A fact as expressions see it: unknown, null ("has none") or a value of the declared type. nullptr: there is none.
// Whether a fact is flagged as unknown is for the caller to see first.
cel::Value fact_value(const AttributeDecl& decl, const json::Value* value);
std::shared_ptr<const Vocabulary> make_vocabulary(std::vector<AttributeDecl> attributes,
                                                  const std::vector<std::string>& allocated);
// Columns as nullable strings.
std::shared_ptr<const cel::ObjectType> make_record_type(const std::string& source,
                                                        const std::vector<std::string>& columns);

}  // namespace tenure::policy

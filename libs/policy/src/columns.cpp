#include "vocabulary.hpp"

#include <utility>

#include <tenure/policy/columns.hpp>

namespace tenure::policy {
namespace {

using population::Column;

constexpr std::size_t kKeyField = 0, kKindField = 1;
constexpr model::IdentityKind kKinds[] = {model::IdentityKind::kPerson, model::IdentityKind::kService,
                                          model::IdentityKind::kWorkload, model::IdentityKind::kDevice,
                                          model::IdentityKind::kAgent};

cel::Value text(std::string_view of) {
  return cel::Value::string(std::string(of));
}

// nullptr: nobody ever had such a fact.
cel::Value value_in(const AttributeDecl& decl, const Column* column, Column::Code code) {
  if (column == nullptr || code == Column::kAbsent) return fact_value(decl, nullptr);
  if (decl.type == AttributeType::kString && code >= Column::kFirstValue)
    if (const auto plain = column->text(code)) return text(*plain);
  const json::Value value = code == Column::kNull ? json::Value() : column->value(code);
  return fact_value(decl, &value);
}

// One identity, out of the columns.
class RowObject final : public cel::Object {
 public:
  RowObject(std::shared_ptr<const Vocabulary> vocabulary, const population::People& people, std::size_t row)
      : vocabulary_(std::move(vocabulary)), people_(people), row_(static_cast<population::IdentityIndex>(row)) {}
  const cel::ObjectType& type() const override { return *vocabulary_->identity; }
  cel::Value field(std::size_t index) const override {
    if (index == kKeyField) return text(people_.key(row_));
    if (index == kKindField) return text(model::name_of(people_.kind(row_)));
    const AttributeDecl& decl = vocabulary_->attributes[index - kIdentityFixedFields];
    const Column* column = people_.column(decl.name);
    if (column != nullptr && column->unknown(row_)) return cel::Value::unknown();
    return value_in(decl, column, column == nullptr ? Column::kAbsent : column->code(row_));
  }

 private:
  std::shared_ptr<const Vocabulary> vocabulary_;
  const population::People& people_;
  population::IdentityIndex row_;
};

}  // namespace

IdentityColumns::IdentityColumns(const PolicySet& set, const population::People& people)
    : vocabulary_(set.vocabulary), people_(people) {}

std::size_t IdentityColumns::rows() const {
  return people_.rows();
}

const population::Bitmap* IdentityColumns::present() const {
  return &people_.present();
}

cel::ColumnSource::Field IdentityColumns::field(cel::VariableIndex, std::size_t field) const {
  Field made;
  if (field == kKeyField) return made;  // as many values as rows
  if (field == kKindField) {
    for (const model::IdentityKind kind : kKinds)
      made.sets.push_back({text(model::name_of(kind)), &people_.of_kind(kind)});
    return made;
  }
  const AttributeDecl& decl = vocabulary_->attributes[field - kIdentityFixedFields];
  made.column = people_.column(decl.name);
  if (made.column == nullptr) made.sets.push_back({fact_value(decl, nullptr), nullptr});
  return made;
}

cel::Value IdentityColumns::value_of(cel::VariableIndex, std::size_t field, Column::Code code) const {
  const AttributeDecl& decl = vocabulary_->attributes[field - kIdentityFixedFields];
  return value_in(decl, people_.column(decl.name), code);
}

cel::Value IdentityColumns::row_value(cel::VariableIndex, std::size_t row) const {
  return cel::Value::object(std::make_shared<RowObject>(vocabulary_, people_, row));
}

UnknownFacts::UnknownFacts(const PolicySet& set, const population::People& people, std::string_view attribute) {
  for (const AttributeDecl& decl : set.vocabulary->attributes) {
    if (decl.name != attribute) continue;
    column_ = people.column(attribute);
    if (column_ == nullptr) {
      all_ = fact_value(decl, nullptr).is_unknown();
      return;
    }
    for (Column::Code code = 0; code < column_->codes(); ++code)
      codes_.push_back(value_in(decl, column_, code).is_unknown());
    return;
  }
}

}  // namespace tenure::policy

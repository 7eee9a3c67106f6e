#include "load_everyone.hpp"

#include "prefix_scan.hpp"
#include "state.hpp"
#include "text_list.hpp"

#include <map>
#include <unordered_map>

#include <tenure/base/json.hpp>
#include <tenure/model/identity_text.hpp>

namespace tenure::app {
namespace {

using model::IdentityText;
using population::Column;
using population::People;
using population::PeopleLoader;
using store::Table;

// The greatest number of an identity, 0 when there is none: rows are in order of numbers.
Result<std::int64_t> last_number(store::Snapshot& snapshot) {
  const auto any_after = [&](std::int64_t number) -> Result<bool> {
    bool any = false;
    TENURE_CHECK_OK(
        snapshot.scan({.table = Table::kIdentity, .after_id = identity_row_id(model::IdentityId(number)), .limit = 1},
                      [&](const store::Row&) { return any = true; }));
    return any;
  };
  std::int64_t low = 0, high = 1;  // the answer is in [low, high)
  for (;; high *= 2) {
    TENURE_TRY(const bool more, any_after(high - 1));
    if (!more) break;
    low = high;
  }
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    TENURE_TRY(const bool more, any_after(middle - 1));
    (more ? low : high) = middle;
  }
  return low;
}

// Times that repeat are parsed once.
class Times {
 public:
  Result<Time> of(std::string_view text) {
    if (text == last_text_) return last_;
    TENURE_TRY(last_, model::time_from_text(text));
    last_text_ = text;
    return last_;
  }

 private:
  std::string last_text_;
  Time last_;
};

class Stage {
 public:
  Stage(People& people, std::size_t rows) : loader_(people, rows), rows_(rows), present_(rows), kinds_(rows) {
    provenances_.push_back({});
  }

  Status add(const IdentityText& text) {
    const auto row = static_cast<std::size_t>(text.id.value() - 1);
    while (keys_.size() < row) end_row("");  // numbers that nobody has
    present_.set(row);
    kinds_[row] = text.kind;
    for (const auto& fact : text.facts) TENURE_CHECK_OK(add_fact(row, fact));
    for (const auto& one : text.engagements) {
      TENURE_TRY(const Time start, starts_.of(one.start));
      TENURE_TRY(const Time end, ends_.of(one.end));
      periods_.push_back(
          {start, end, loader_.status(one.status), loader_.source(one.source), loader_.record_key(one.key)});
    }
    for (const auto& one : text.relations)
      relations_.push_back({one.to, loader_.relation_kind(one.kind), loader_.source(one.source)});
    for (const auto& one : text.records) records_.push_back({loader_.source(one.source), loader_.record_key(one.key)});
    end_row(text.key);
    return {};
  }

  void finish() {
    while (keys_.size() < rows_) end_row("");
    loader_.present(std::move(present_));
    loader_.kinds(kinds_);
    loader_.keys(keys_.views());
    for (auto& [name, facts] : facts_) loader_.facts(name, std::move(facts.column), provenances_, facts.provenance);
    loader_.periods(std::move(period_ends_), std::move(periods_));
    loader_.relations(std::move(relation_ends_), std::move(relations_));
    loader_.records(std::move(record_ends_), std::move(records_));
    loader_.finish();
  }

 private:
  struct Facts {
    explicit Facts(std::size_t rows) : column(rows), provenance(rows, 0) {}
    Column column;
    std::vector<std::uint32_t> provenance;
    std::string last_source, last_known_at;
    std::uint32_t last = 0;
  };

  void end_row(std::string_view key) {
    keys_.add(key);
    period_ends_.push_back(static_cast<std::uint32_t>(periods_.size()));
    relation_ends_.push_back(static_cast<std::uint32_t>(relations_.size()));
    record_ends_.push_back(static_cast<std::uint32_t>(records_.size()));
  }

  Status add_fact(std::size_t row, const IdentityText::Fact& fact) {
    auto found = facts_.find(fact.name);
    if (found == facts_.end()) found = facts_.try_emplace(std::string(fact.name), rows_).first;
    Facts& facts = found->second;
    TENURE_TRY(const Column::Code code, code_of(facts.column, fact.value));
    facts.column.put_code(row, code, fact.unknown);
    if (fact.source != facts.last_source || fact.known_at != facts.last_known_at) {
      facts.last_source = fact.source;
      facts.last_known_at = fact.known_at;
      TENURE_TRY(facts.last, provenance_of(fact));
    }
    facts.provenance[row] = facts.last;
    return {};
  }

  static Result<Column::Code> code_of(Column& column, std::string_view value) {
    if (value.front() == '"' && value.find('\\') == std::string_view::npos)
      return column.intern_text(value.substr(1, value.size() - 2));
    TENURE_TRY(const json::Value parsed, json::parse(value));
    return column.intern(parsed);
  }

  Result<std::uint32_t> provenance_of(const IdentityText::Fact& fact) {
    const auto [it, fresh] = provenance_codes_.try_emplace(std::string(fact.source) + "\n" + std::string(fact.known_at),
                                                           static_cast<std::uint32_t>(provenances_.size()));
    if (fresh) {
      TENURE_TRY(const Time known_at, model::time_from_text(fact.known_at));
      provenances_.push_back({model::SourceName(std::string(fact.source)), known_at});
    }
    return it->second;
  }

  PeopleLoader loader_;
  std::size_t rows_;
  population::Bitmap present_;
  std::vector<model::IdentityKind> kinds_;
  TextList keys_;
  std::map<std::string, Facts, std::less<>> facts_;
  std::vector<PeopleLoader::Provenance> provenances_;  // the first is nobody's
  std::unordered_map<std::string, std::uint32_t> provenance_codes_;
  std::vector<std::uint32_t> period_ends_{0}, relation_ends_{0}, record_ends_{0};
  std::vector<People::Period> periods_;
  std::vector<People::Link> relations_;
  std::vector<People::Record> records_;
  Times starts_, ends_;
};

}  // namespace

Status load_everyone(store::Snapshot& snapshot, People& people) {
  TENURE_TRY(const std::int64_t last, last_number(snapshot));
  if (last == 0) return {};
  Stage stage(people, static_cast<std::size_t>(last));
  model::IdentityReader reader;
  std::vector<model::Identity> aliases;
  Status status;
  const auto take = [&](const store::Row& row) -> Status {
    const auto text = reader.read(row.body);
    if (!text) return damaged(Table::kIdentity, row, text.error());
    if ((*text)->alias_of.valid()) {
      TENURE_TRY(model::Identity alias, document_of(Table::kIdentity, row, model::identity_from_json));
      aliases.push_back(std::move(alias));
    }
    return stage.add(**text);
  };
  TENURE_CHECK_OK(snapshot.scan({.table = Table::kIdentity},
                                [&](const store::Row& row) { return (status = take(row)).has_value(); }));
  TENURE_CHECK_OK(status);
  stage.finish();
  for (const model::Identity& alias : aliases) people.put(alias);
  return {};
}

}  // namespace tenure::app

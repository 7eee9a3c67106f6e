#include <utility>

#include <tenure/population/people.hpp>

namespace tenure::population {

void People::grow(std::size_t rows) {
  if (rows <= kinds_.size()) return;
  const std::uint32_t no_key = keys_.intern("");
  kinds_.resize(rows, model::IdentityKind::kPerson);
  key_of_.resize(rows, no_key);
  present_.resize(rows);
  aliases_.resize(rows);
  for (Bitmap& bitmap : of_kind_) bitmap.resize(rows);
  for (auto& [name, fact] : facts_) {
    fact.column.resize(rows);
    fact.provenance.resize(rows);
  }
}

void People::reserve(std::size_t identities) {
  kinds_.reserve(identities);
  key_of_.reserve(identities);
  keys_.reserve(identities);
  periods_.reserve(identities, identities);
}

People::FactColumn& People::fact_column(const std::string& attribute) {
  const auto [it, is_new] = facts_.try_emplace(attribute);
  if (is_new) {
    it->second.column.resize(rows());
    it->second.provenance.resize(rows());
  }
  return it->second;
}

void People::put_fact(FactColumn& to, IdentityIndex row, const model::Fact& fact) {
  to.column.put(row, fact.value, fact.unknown);
  to.provenance.set(row, provenances_.intern({fact.known_at.to_micros(), sources_.intern(fact.source.str())}));
}

// Both maps are in byte order: one walk over both.
void People::put_facts(IdentityIndex row, const model::Facts& facts) {
  auto to = facts_.begin();
  for (const auto& [name, fact] : facts) {
    for (; to != facts_.end() && to->first < name; ++to) to->second.column.erase(row);
    if (to != facts_.end() && to->first == name)
      put_fact((to++)->second, row, fact);
    else
      put_fact(fact_column(name), row, fact);  // inserted before `to`, which stays valid
  }
  for (; to != facts_.end(); ++to) to->second.column.erase(row);
}

void People::put_key(IdentityIndex row, std::string_view key) {
  key_of_[row] = keys_.intern(key);
}

void People::put(const model::Identity& identity) {
  const IdentityIndex row = People::row(identity.id);
  ++version_;
  grow(std::size_t{row} + 1);
  put_key(row, identity.key);
  of_kind_[static_cast<std::size_t>(kinds_[row])].reset(row);
  kinds_[row] = identity.kind;
  of_kind_[static_cast<std::size_t>(identity.kind)].set(row);
  present_.set(row);
  aliases_.assign(row, identity.alias_of.valid());
  if (identity.alias_of == model::IdentityId{})
    alias_of_.erase(row);
  else
    alias_of_[row] = identity.alias_of;
  put_facts(row, identity.facts);

  std::vector<Period> periods;
  for (const auto& engagement : identity.engagements)
    periods.push_back({engagement.start, engagement.end, statuses_.intern(engagement.status),
                       sources_.intern(engagement.source.str()), keys_.intern(engagement.key)});
  periods_.put(row, periods);
  std::vector<Link> links;
  for (const auto& relation : identity.relations)
    links.push_back({relation.to, relation_kinds_.intern(relation.kind), sources_.intern(relation.source.str())});
  relations_.put(row, links);
  std::vector<Record> records;
  for (const auto& record : identity.records)
    records.push_back({sources_.intern(record.source.str()), keys_.intern(record.key)});
  records_.put(row, records);
}

void People::settle() {
  periods_.settle();
  relations_.settle();
  records_.settle();
}

void People::fold() {
  periods_.fold();
  relations_.fold();
  records_.fold();
}

bool People::contains(model::IdentityId id) const {
  return id.valid() && id.value() <= static_cast<std::int64_t>(rows()) && present_.test(row(id));
}

model::SourceName People::source_name(std::uint32_t code) const {
  return model::SourceName(std::string(sources_.text(code)));
}

model::Identity People::identity(IdentityIndex row) const {
  model::Identity out;
  out.id = id(row);
  out.kind = kinds_[row];
  out.key = key(row);
  if (const auto alias = alias_of_.find(row); alias != alias_of_.end()) out.alias_of = alias->second;
  for (const auto& [name, of_all] : facts_) {
    const Column::Code code = of_all.column.code(row);
    if (code == Column::kAbsent) continue;
    const Provenance from = provenances_[of_all.provenance[row]];
    model::Fact fact{{},
                     of_all.column.unknown(row),
                     source_name(static_cast<std::uint32_t>(from.source)),
                     Time::from_micros(from.known_at)};
    if (code != Column::kNull) fact.value = of_all.column.value(code);
    out.facts.emplace_hint(out.facts.end(), name, std::move(fact));
  }
  for (const Period& period : periods(row))
    out.engagements.push_back({source_name(period.source), std::string(keys_.text(period.key)), period.start,
                               period.end, std::string(statuses_.text(period.status))});
  for (const Link& link : relations(row))
    out.relations.push_back({std::string(relation_kinds_.text(link.kind)), link.to, source_name(link.source)});
  for (const Record& record : records(row))
    out.records.push_back({source_name(record.source), std::string(keys_.text(record.key))});
  return out;
}

model::IdentityId People::resolved(model::IdentityId id) const {
  for (int step = 0; step < 16; ++step) {  // a merge of a merge; a circle would be a defect elsewhere
    if (!contains(id) || !aliases_.test(row(id))) return id;
    id = alias_of_.at(row(id));
  }
  return id;
}

const Column* People::column(std::string_view attribute) const {
  const auto it = facts_.find(attribute);
  return it == facts_.end() ? nullptr : &it->second.column;
}

std::vector<std::string> People::attributes() const {
  std::vector<std::string> names;
  for (const auto& [name, fact] : facts_) names.push_back(name);
  return names;
}

void People::index() const {
  for (const auto& [name, fact] : facts_) fact.column.index();
}

std::size_t People::bytes() const {
  std::size_t total = kinds_.capacity() + key_of_.capacity() * sizeof(std::uint32_t) + keys_.bytes() +
                      provenances_.bytes() + sources_.bytes() + statuses_.bytes() + relation_kinds_.bytes() +
                      periods_.bytes() + relations_.bytes() + records_.bytes() + alias_of_.size() * 48 +
                      (2 + of_kind_.size()) * present_.words().size_bytes();
  for (const auto& [name, fact] : facts_) total += fact.column.bytes() + fact.provenance.bytes();
  return total;
}

}  // namespace tenure::population

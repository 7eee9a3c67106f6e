#include "correlate.hpp"

#include <algorithm>

#include <tenure/base/json.hpp>

namespace tenure::source {
namespace {

using model::IdentityId;

// kind, attribute, value in canonical text
using ValueKey = std::tuple<model::IdentityKind, std::string, std::string>;

struct Group {
  std::string value;  // "" for a record without one, which stands alone
  std::vector<const Mapped*> records;
  std::set<IdentityId> candidates;
};

class Correlator {
 public:
  Correlator(const std::vector<std::vector<Mapped>>& sources, const Identities& previous, std::int64_t next)
      : next_(next) {
    for (const auto& source : sources)
      if (!source.empty())
        attributes_.insert({source.front().source->kind, source.front().source->correlate_attribute});
    for (const auto& [id, identity] : previous) {
      const IdentityId home = identity.alias_of.valid() ? identity.alias_of : id;
      if (identity.alias_of.valid()) merged_.insert(home);
      for (const model::SourceKey& key : identity.records) by_key_[key] = home;
      for (const auto& [name, fact] : identity.facts)
        if (!fact.value.is_null() && attributes_.contains({identity.kind, name}))
          by_value_[{identity.kind, name, json::to_string(fact.value)}].insert(home);
    }
  }

  void add(const std::vector<Mapped>& source) {
    contested_.clear();
    std::vector<Group> groups = make_groups(source);
    find_candidates(groups);
    for (Group& group : groups) settle(group);
    for (const auto& [id, records] : fresh_)
      for (const Mapped* record : records) index(id, *record);
    fresh_.clear();
  }

  Correlation take() { return std::move(out_); }

 private:
  static std::string correlation_value(const Mapped& record) {
    const Field* field = record.attribute(record.source->correlate_attribute);
    return field != nullptr && field->has_value() ? json::to_string(field->value) : std::string();
  }
  IdentityId known(const Mapped& record) const {
    const auto found = by_key_.find({record.source->name, record.record->key});
    return found == by_key_.end() ? IdentityId() : found->second;
  }
  const std::set<IdentityId>* with_value(const Mapped& record, const std::string& value) const {
    const auto found = by_value_.find({record.source->kind, record.source->correlate_attribute, value});
    return found == by_value_.end() ? nullptr : &found->second;
  }

  // By value in byte order, then the records without a value by key.
  static std::vector<Group> make_groups(const std::vector<Mapped>& source) {
    std::map<std::string, Group> by_value;
    std::vector<Group> alone;
    for (const Mapped& record : source) {
      std::string value = correlation_value(record);
      if (value.empty()) {
        alone.push_back({{}, {&record}, {}});
        continue;
      }
      Group& group = by_value[value];
      group.value = std::move(value);
      group.records.push_back(&record);
    }
    std::vector<Group> groups;
    for (auto& [value, group] : by_value) groups.push_back(std::move(group));
    for (Group& group : alone) groups.push_back(std::move(group));
    return groups;
  }

  // One identity may not get two values from one source: of the groups that want it, the one with the value that it has
  // keeps it, the others are ambiguous.
  void find_candidates(std::vector<Group>& groups) {
    std::map<IdentityId, std::vector<Group*>> wanted;
    for (Group& group : groups) {
      for (const Mapped* record : group.records)
        if (const IdentityId id = known(*record); id.valid()) group.candidates.insert(id);
      if (const auto* same = group.value.empty() ? nullptr : with_value(*group.records.front(), group.value))
        group.candidates.insert(same->begin(), same->end());
      for (const IdentityId id : group.candidates)
        if (!group.value.empty()) wanted[id].push_back(&group);
    }
    for (const auto& [id, rivals] : wanted) {
      if (rivals.size() < 2) continue;
      for (Group* rival : rivals) {
        // A person decided that these are one: records that it has stay, whatever their values.
        if (merged_.contains(id) && all_known(*rival, id)) continue;
        const auto* holders = with_value(*rival->records.front(), rival->value);
        if (holders == nullptr || !holders->contains(id)) contested_.insert(rival);
      }
    }
  }

  bool all_known(const Group& group, IdentityId id) const {
    return std::all_of(group.records.begin(), group.records.end(),
                       [&](const Mapped* record) { return known(*record) == id; });
  }

  void settle(Group& group) {
    if (contested_.contains(&group) || group.candidates.size() > 1) {
      for (const Mapped* record : group.records) settle_ambiguous(*record, group);
      return;
    }
    const IdentityId id = group.candidates.empty() ? IdentityId(next_++) : *group.candidates.begin();
    for (const Mapped* record : group.records) attach(id, *record);
  }

  // Still certain: the record has an identity, and no other has its value.
  void settle_ambiguous(const Mapped& record, const Group& group) {
    const IdentityId id = known(record);
    const auto* holders = group.value.empty() ? nullptr : with_value(record, group.value);
    if (id.valid() && holders != nullptr && holders->size() == 1 && holders->contains(id)) return attach(id, record);
    out_.ambiguous.emplace_back(&record, id);
    if (id.valid()) out_.frozen.insert(id);
  }

  void attach(IdentityId id, const Mapped& record) {
    out_.attached[id].push_back(&record);
    fresh_[id].push_back(&record);
  }

  // So that sources of lower precedence find what this one says.
  void index(IdentityId id, const Mapped& record) {
    for (std::size_t i = 0; i < record.attributes.size(); ++i) {
      const std::string& name = record.source->attributes[i].attribute;
      if (record.attributes[i].has_value() && attributes_.contains({record.source->kind, name}))
        by_value_[{record.source->kind, name, json::to_string(record.attributes[i].value)}].insert(id);
    }
  }

  std::set<std::pair<model::IdentityKind, std::string>> attributes_;  // that some source correlates by
  std::map<model::SourceKey, IdentityId> by_key_;
  std::set<IdentityId> merged_;  // that have an alias
  std::map<ValueKey, std::set<IdentityId>> by_value_;
  std::map<IdentityId, std::vector<const Mapped*>> fresh_;
  std::set<const Group*> contested_;
  std::int64_t next_;
  Correlation out_;
};

}  // namespace

Correlation correlate(const std::vector<std::vector<Mapped>>& sources, const Identities& previous, std::int64_t next) {
  Correlator correlator(sources, previous, next);
  for (const auto& source : sources) correlator.add(source);
  return correlator.take();
}

}  // namespace tenure::source

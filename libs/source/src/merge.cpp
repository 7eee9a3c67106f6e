#include "correlate.hpp"
#include "mapped.hpp"
#include "slice.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

#include <tenure/source/merge.hpp>

namespace tenure::source {
namespace {

using model::IdentityId;

// Of an identity's records, which speaks first; less is sooner.
enum class Standing : std::uint8_t { kRunning, kComing, kOver };

struct Ranked {
  const Mapped* mapped;
  Standing standing;
  Time start;
};

Standing standing_of(const model::Engagement& engagement, Time now) {
  const std::string& status = engagement.status;
  if (now >= engagement.end || status == "terminated" || status == "gone" || status == "retired")
    return Standing::kOver;
  return now < engagement.start ? Standing::kComing : Standing::kRunning;
}

bool speaks_before(const Ranked& a, const Ranked& b) {
  const auto key = [](const Ranked& r) {
    return std::tuple(r.standing, -std::int64_t{r.mapped->source->precedence}, -r.start.to_micros());
  };
  if (key(a) != key(b)) return key(a) < key(b);
  return std::tie(a.mapped->source->name, a.mapped->record->key) <
         std::tie(b.mapped->source->name, b.mapped->record->key);
}

Time parse_time(const Field& field) {
  return Time::parse(field.value.as_string()).value_or(Time::never());
}

// What cannot be read keeps what was known; where nothing was known the engagement has not begun.
model::Engagement make_engagement(const Mapped& mapped, const model::Engagement* before) {
  model::Engagement engagement{mapped.source->name, mapped.record->key, Time(), Time::never(), "active"};
  const bool was_gone = before != nullptr && before->status == "gone";
  bool readable = true;
  if (mapped.start.has_value())
    engagement.start = parse_time(mapped.start);
  else if (mapped.source->start && before != nullptr)
    engagement.start = before->start;
  else if (mapped.source->start)
    readable = false;
  if (mapped.end.has_value())
    engagement.end = parse_time(mapped.end);
  else if (mapped.end.state == Field::State::kUnreadable && before != nullptr && !was_gone)
    engagement.end = before->end;
  else if (mapped.end.state == Field::State::kUnreadable)
    readable = false;
  if (mapped.status.has_value())
    engagement.status = mapped.status.value.as_string();
  else if (mapped.source->status && before != nullptr && !was_gone)
    engagement.status = before->status;
  else if (mapped.source->status)
    readable = false;
  if (!readable) engagement.start = Time::never();
  return engagement;
}

const model::Engagement* find_engagement(const model::Identity* identity, const model::SourceKey& key) {
  if (identity == nullptr) return nullptr;
  for (const model::Engagement& engagement : identity->engagements)
    if (engagement.source == key.source && engagement.key == key.key) return &engagement;
  return nullptr;
}

class Merger {
 public:
  explicit Merger(const Slice& slice)
      : slice_(slice), policy_(slice.policy), records_(slice.records), previous_(slice.previous), now_(slice.now) {}

  Merged run() {
    map_records();
    correlation_ = correlate(mapped_, previous_, slice_.next_id);
    for (const auto& [id, identity] : previous_)
      if (identity.alias_of.valid()) homes_.insert(identity.alias_of);
    for (const auto& [id, identity] : previous_) {
      if (identity.alias_of.valid())
        out_.identities.emplace(id, identity);  // its records are its home's
      else
        build(id, &identity);
    }
    for (const auto& [id, attached] : correlation_.attached)
      if (!previous_.contains(id)) build(id, nullptr);
    resolve_relations();
    for (const auto& [id, identity] : out_.identities) {
      const auto before = previous_.find(id);
      if (before == previous_.end() || before->second != identity) out_.changed.push_back(id);
    }
    report_ambiguous();
    report_unowned();
    std::sort(out_.findings.begin(), out_.findings.end(),
              [](const model::Finding& a, const model::Finding& b) { return a.id < b.id; });
    return std::move(out_);
  }

 private:
  // Sources in falling precedence, then by name; records by key, whatever order they came in.
  void map_records() {
    std::vector<const policy::SourceDoc*> sources;
    for (const auto& [name, source] : policy_.sources)
      if (records_.contains(name)) sources.push_back(&source);
    std::stable_sort(sources.begin(), sources.end(), [](const policy::SourceDoc* a, const policy::SourceDoc* b) {
      return a->precedence > b->precedence;
    });
    for (const policy::SourceDoc* source : sources) {
      const Records& records = records_.at(source->name);
      std::vector<const Record*> ordered;
      for (const Record& record : records.records) ordered.push_back(&record);
      std::sort(ordered.begin(), ordered.end(), [](const Record* a, const Record* b) { return a->key < b->key; });
      map_source(*source, records, ordered);
    }
  }

  void map_source(const policy::SourceDoc& source, const Records& records, const std::vector<const Record*>& ordered) {
    constexpr std::size_t kPart = 512;
    struct Part {
      Diagnostics diagnostics;
      std::vector<model::SourceKey> troubled;
    };
    auto& mapped = mapped_.emplace_back(ordered.size());
    std::vector<Part> parts((ordered.size() + kPart - 1) / kPart);
    slice_.workers->run(parts.size(), [&](std::size_t i) {
      const Mapper mapper(policy_, source, records, parts[i].diagnostics);
      for (std::size_t r = i * kPart; r < std::min(ordered.size(), (i + 1) * kPart); ++r) {
        bool troubled = false;
        mapped[r] = mapper.map(*ordered[r], troubled);
        if (troubled) parts[i].troubled.push_back({source.name, ordered[r]->key});
      }
    });
    for (const Part& part : parts) {
      out_.diagnostics.append(part.diagnostics);
      out_.attention.insert(part.troubled.begin(), part.troubled.end());
    }
  }

  void build(IdentityId id, const model::Identity* before) {
    model::Identity identity = before != nullptr ? *before : model::Identity{};
    identity.id = id;
    const auto attached = correlation_.attached.find(id);
    std::set<model::SourceKey> seen;
    std::vector<Ranked> ranked;
    identity.engagements.clear();
    if (attached != correlation_.attached.end()) {
      for (const Mapped* mapped : attached->second) {
        const model::SourceKey key{mapped->source->name, mapped->record->key};
        seen.insert(key);
        identity.engagements.push_back(make_engagement(*mapped, find_engagement(before, key)));
        const model::Engagement& engagement = identity.engagements.back();
        ranked.push_back({mapped, standing_of(engagement, now_), engagement.start});
      }
      std::sort(ranked.begin(), ranked.end(), speaks_before);
      identity.kind = ranked.front().mapped->source->kind;
    }
    keep_engagements(id, before, seen, identity);
    identity.records.assign(seen.begin(), seen.end());
    std::sort(identity.engagements.begin(), identity.engagements.end(),
              [](const model::Engagement& a, const model::Engagement& b) {
                return std::tie(a.source, a.key) < std::tie(b.source, b.key);
              });
    if (!correlation_.frozen.contains(id) && !ranked.empty()) {
      merge_facts(ranked, before, identity);
      choose_key(ranked, identity);
      ranked_.emplace(id, std::move(ranked));
    }
    out_.identities.emplace(id, std::move(identity));
  }

  // Engagements of records that were not given now: gone, silent, or ambiguous.
  void keep_engagements(IdentityId id, const model::Identity* before, std::set<model::SourceKey>& seen,
                        model::Identity& identity) {
    if (before == nullptr) return;
    for (model::Engagement engagement : before->engagements) {
      const model::SourceKey key{engagement.source, engagement.key};
      if (!seen.insert(key).second) continue;
      const bool gone = records_.contains(key.source) && policy_.sources.contains(key.source) && !is_ambiguous(id, key);
      if (gone && engagement.end > now_) {
        engagement.end = now_;
        engagement.status = "gone";
      }
      identity.engagements.push_back(std::move(engagement));
    }
    for (const model::SourceKey& key : before->records) seen.insert(key);
  }

  bool is_ambiguous(IdentityId id, const model::SourceKey& key) const {
    if (!correlation_.frozen.contains(id)) return false;
    return std::any_of(correlation_.ambiguous.begin(), correlation_.ambiguous.end(), [&](const auto& one) {
      return one.second == id && one.first->source->name == key.source && one.first->record->key == key.key;
    });
  }

  void merge_facts(const std::vector<Ranked>& ranked, const model::Identity* before, model::Identity& identity) const {
    for (const policy::AttributeDecl& decl : policy_.attributes) {
      const Ranked* const decides = who_decides(ranked, decl.name);
      if (decides == nullptr) continue;  // what was known from elsewhere stands
      const Field* field = decides->mapped->attribute(decl.name);
      const policy::SourceDoc* source = decides->mapped->source;
      const model::Fact* known = nullptr;
      if (before != nullptr)
        if (const auto found = before->facts.find(decl.name); found != before->facts.end()) known = &found->second;
      if (known != nullptr && homes_.contains(identity.id) && finds_records(decl.name))
        if (const Ranked* same = who_says(ranked, decl.name, known->value)) {
          field = same->mapped->attribute(decl.name);
          source = same->mapped->source;
        }
      model::Fact fact{field->value, false, source->name, now_};
      if (field->state == Field::State::kUnreadable || (field->state == Field::State::kBlank && decl.required)) {
        fact.unknown = true;
        if (known != nullptr) fact.value = known->value;
      }
      if (known != nullptr && known->value == fact.value && known->unknown == fact.unknown &&
          known->source == fact.source)
        fact.known_at = known->known_at;
      identity.facts[decl.name] = std::move(fact);
    }
  }

  // The first whose source maps the attribute; where mappings have a precedence of their own, that counts instead of
  // the source's.
  static const Ranked* who_decides(const std::vector<Ranked>& ranked, std::string_view attribute) {
    const Ranked* best = nullptr;
    std::int64_t best_precedence = 0;
    for (const Ranked& one : ranked) {
      const policy::AttributeMapping* mapping = mapping_of(*one.mapped->source, attribute);
      if (mapping == nullptr) continue;
      const std::int64_t precedence = mapping->precedence.value_or(one.mapped->source->precedence);
      // They stand in the order in which they speak: a later one needs more than an equal.
      if (best != nullptr && (one.standing != best->standing || precedence <= best_precedence)) continue;
      best = &one;
      best_precedence = precedence;
    }
    return best;
  }
  static const policy::AttributeMapping* mapping_of(const policy::SourceDoc& source, std::string_view attribute) {
    for (const policy::AttributeMapping& mapping : source.attributes)
      if (mapping.attribute == attribute) return &mapping;
    return nullptr;
  }

  // Of somebody who was merged, a value by which records find them stays as long as any record says it: the alias holds
  // the other one.
  bool finds_records(std::string_view attribute) const {
    return std::any_of(policy_.sources.begin(), policy_.sources.end(),
                       [&](const auto& source) { return source.second.correlate_attribute == attribute; });
  }
  static const Ranked* who_says(const std::vector<Ranked>& ranked, std::string_view attribute,
                                const json::Value& value) {
    for (const Ranked& one : ranked)
      if (const Field* field = one.mapped->attribute(attribute); field != nullptr && field->value == value) return &one;
    return nullptr;
  }

  static void choose_key(const std::vector<Ranked>& ranked, model::Identity& identity) {
    const auto fact = identity.facts.find(ranked.front().mapped->source->identity_key_attribute);
    if (fact != identity.facts.end() && fact->second.value.is_string() && !fact->second.value.as_string().empty())
      identity.key = fact->second.value.as_string();
    else if (identity.key.empty())
      identity.key = ranked.front().mapped->record->key;
  }

  void resolve_relations() {
    // (attribute, value) -> identities, for the attributes that relations name.
    std::set<std::string> attributes;
    for (const auto& [name, source] : policy_.sources)
      for (const policy::RelationMapping& relation : source.relations) attributes.insert(relation.attribute);
    std::map<std::pair<std::string, std::string>, std::vector<IdentityId>> holders;
    for (const auto& [id, identity] : out_.identities)
      for (const std::string& attribute : attributes)
        if (const auto fact = identity.facts.find(attribute);
            fact != identity.facts.end() && fact->second.value.is_string() && !identity.alias_of.valid())
          holders[{attribute, fact->second.value.as_string()}].push_back(id);
    for (const auto& [id, ranked] : ranked_) {
      model::Identity& identity = out_.identities.at(id);
      std::set<std::string> decided;
      for (const Ranked& one : ranked) {
        const auto& mappings = one.mapped->source->relations;
        for (std::size_t i = 0; i < mappings.size(); ++i)
          if (decided.insert(mappings[i].kind).second)
            relate(identity, mappings[i], one.mapped->relations[i], *one.mapped, holders);
      }
      std::sort(identity.relations.begin(), identity.relations.end(),
                [](const model::Relation& a, const model::Relation& b) {
                  return std::tie(a.kind, a.to) < std::tie(b.kind, b.to);
                });
    }
  }

  void relate(model::Identity& identity, const policy::RelationMapping& mapping, const Field& value,
              const Mapped& mapped,
              const std::map<std::pair<std::string, std::string>, std::vector<IdentityId>>& holders) {
    if (!value.has_value()) return;  // unknown keeps what was known
    const auto inside = holders.find({mapping.attribute, value.value.as_string()});
    std::vector<IdentityId> found =
        slice_.others ? slice_.others(mapping.attribute, value.value.as_string()) : std::vector<IdentityId>();
    if (inside != holders.end()) found.insert(found.end(), inside->second.begin(), inside->second.end());
    if (found.size() != 1) {
      out_.attention.insert({mapped.source->name, mapped.record->key});
      out_.diagnostics.warning(Reason::kFeedValue, {records_.at(mapped.source->name).file, mapped.record->line, 0},
                               mapping.kind + " \"" + value.value.as_string().substr(0, 64) + "\" " +
                                   (found.empty() ? "is no known " : "fits several identities by ") + mapping.attribute,
                               "the " + mapping.attribute + " of one identity");
      return;
    }
    std::erase_if(identity.relations, [&](const model::Relation& one) { return one.kind == mapping.kind; });
    identity.relations.push_back({mapping.kind, found.front(), mapped.source->name});
  }

  void report_ambiguous() {
    for (const auto& [mapped, id] : correlation_.ambiguous) {
      out_.attention.insert({mapped->source->name, mapped->record->key});
      model::Finding finding;
      finding.kind = model::FindingKind::kAmbiguous;
      finding.account = {model::TargetName(mapped->source->name.str()), model::NativeId(mapped->record->key)};
      finding.identity = id;
      finding.summary = "record " + mapped->record->key + " of source " + mapped->source->name.str() +
                        " fits more than one identity by " + mapped->source->correlate_attribute;
      finding.owner = mapped->source->owner;
      finding.opened_at = now_;
      finding.id = model::finding_id(finding.kind, finding.account, finding.entitlement, finding.parameters, id);
      out_.diagnostics.warning(Reason::kCorrelationAmbiguous,
                               {records_.at(mapped->source->name).file, mapped->record->line, 0}, finding.summary);
      out_.findings.push_back(std::move(finding));
    }
  }

  void report_unowned() {
    for (const auto& [id, ranked] : ranked_) {
      const model::Identity& identity = out_.identities.at(id);
      if (identity.kind == model::IdentityKind::kPerson || ranked.front().standing == Standing::kOver) continue;
      const policy::SourceDoc& source = *ranked.front().mapped->source;
      const auto is_owner = [](const auto& relation) { return relation.kind == "owner"; };
      if (std::none_of(source.relations.begin(), source.relations.end(), is_owner) ||
          std::any_of(identity.relations.begin(), identity.relations.end(), is_owner))
        continue;
      for (const Ranked& one : ranked) out_.attention.insert({one.mapped->source->name, one.mapped->record->key});
      model::Finding finding;
      finding.kind = model::FindingKind::kUnowned;
      finding.identity = id;
      finding.summary = std::string(model::name_of(identity.kind)) + " " + identity.key + " has no owner";
      finding.owner = source.owner;
      finding.opened_at = now_;
      finding.id = model::finding_id(finding.kind, finding.account, finding.entitlement, finding.parameters, id);
      out_.findings.push_back(std::move(finding));
    }
  }

  const Slice& slice_;
  const policy::PolicySet& policy_;
  const std::map<model::SourceName, Records>& records_;
  const Identities& previous_;
  const Time now_;
  std::vector<std::vector<Mapped>> mapped_;
  Correlation correlation_;
  std::set<IdentityId> homes_;                        // identities with an alias
  std::map<IdentityId, std::vector<Ranked>> ranked_;  // identities that are merged now, not frozen
  Merged out_;
};

}  // namespace

Merged merge(const Slice& slice) {
  return Merger(slice).run();
}

Merged merge(const policy::PolicySet& policy, const std::map<model::SourceName, Records>& records,
             const Identities& previous, Time now) {
  const std::int64_t next = previous.empty() ? 1 : previous.rbegin()->first.value() + 1;
  return merge(Slice{policy, records, previous, now, next, {}, &own_thread()});
}

}  // namespace tenure::source

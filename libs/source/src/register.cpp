#include "meetings.hpp"
#include "slice.hpp"

#include <algorithm>

#include <tenure/base/json.hpp>
#include <tenure/source/register.hpp>

namespace tenure::source {
namespace {

using model::IdentityId;

Records shape_of(const Kept& kept) {
  return {kept.file, kept.columns, {}};
}

}  // namespace

Register::Register(const policy::PolicySet& policy, KnownIdentities& known, std::map<model::SourceName, Kept> kept,
                   std::optional<MergeMemory> memory, Workers& workers)
    : policy_(policy), known_(known), workers_(workers), memory_(std::move(memory)) {
  for (auto& [name, one] : kept) kept_.emplace(name, std::move(one));
  if (!memory_) return;
  for (const auto& [key, line] : memory_->attention)
    if (const auto found = kept_.find(key.source); found != kept_.end() && found->second)
      if (const Kept::Code code = found->second->find(key.key); code != Kept::kNone)
        found->second->set_line(code, line);
}
Register::~Register() = default;

const Kept* Register::kept(const model::SourceName& source) const {
  const auto found = kept_.find(source);
  return found == kept_.end() || !found->second ? nullptr : &*found->second;
}

FeedVerdict Register::accept(const policy::SourceDoc& source, const Result<Reading>& feed, const Diagnostics& faults,
                             const std::set<std::string>& released, Diagnostics& diagnostics) {
  std::optional<Kept>& kept = kept_[source.name];
  const bool unlike_before = !kept || kept->columns != source.columns;
  std::vector<RecordChange> changes;
  FeedVerdict verdict = source::accept(source, feed, faults, kept, released, diagnostics, workers_, &changes);
  if (!verdict.accepted) return verdict;
  whole_ = whole_ || unlike_before;
  auto& touched = touched_[source.name];
  for (RecordChange& change : changes) {
    touched.emplace(kept->key(change.code));
    if (meetings_ != nullptr && !whole_) meetings_->change(source.name, change);
    changes_[source.name].push_back(std::move(change));
  }
  return verdict;
}

bool Register::must_be_whole(Time now) const {
  if (!memory_ || whole_ || now < memory_->at || memory_->policy != policy_.digest.str()) return true;
  std::set<model::SourceName> sources;
  for (const auto& [name, kept] : kept_)
    if (kept) sources.insert(name);
  return sources != memory_->sources;
}

MergeOutcome Register::merge(Time now) {
  MergeOutcome out = must_be_whole(now) ? merge_whole(now) : merge_slice(now);
  changes_.clear();
  whole_ = false;
  return out;
}

MergeOutcome Register::merge_whole(Time now) {
  meetings_.reset();
  std::map<model::SourceName, Records> records;
  for (const auto& [name, kept] : kept_) {
    if (!kept) continue;
    Records& all = records.emplace(name, shape_of(*kept)).first->second;
    for (Kept::Code code = 0; code < kept->codes(); ++code)
      if (kept->present(code)) all.records.push_back(kept->record(code));
  }
  Identities previous;
  known_.each([&](const model::Identity& identity) { previous.emplace(identity.id, identity); });
  const std::int64_t next = known_.last().valid() ? known_.last().value() + 1 : 1;
  MergeOutcome out = finish(source::merge(Slice{policy_, records, previous, now, next, {}, &workers_}), previous, now);
  out.whole = true;
  return out;
}

MergeOutcome Register::merge_slice(Time now) {
  if (meetings_ == nullptr) meetings_ = std::make_unique<Meetings>(policy_, kept_, known_, memory_->at, workers_);
  Closure closure;
  for (const auto& [name, changes] : changes_)
    for (const RecordChange& change : changes) {
      meetings_->add(closure, name, change.code);
      meetings_->add_before(closure, name, change);
    }
  for (const auto& [key, line] : memory_->attention)
    if (const Kept* kept = this->kept(key.source); kept != nullptr)
      if (const Kept::Code code = kept->find(key.key); code != Kept::kNone) meetings_->add(closure, key.source, code);
  for (const IdentityId id : memory_->changed) meetings_->add(closure, id);
  meetings_->add_passed(closure, now);
  while (true) {
    std::map<model::SourceName, Records> records;
    for (const auto& [name, kept] : kept_) {
      if (!kept) continue;
      Records& some = records.emplace(name, shape_of(*kept)).first->second;
      for (const Kept::Code code : closure.records[name]) some.records.push_back(kept->record(code));
    }
    const Identities& previous = closure.previous;
    const std::int64_t next = known_.last().valid() ? known_.last().value() + 1 : 1;
    const auto others = [&](const std::string& attribute, const std::string& text) {
      return meetings_->holders(attribute, text, previous);
    };
    Merged merged = source::merge(Slice{policy_, records, previous, now, next, others, &workers_});
    // Somebody else's relation may name a value that was lost or gained here.
    const std::size_t before = closure.size();
    for (const IdentityId id : merged.changed) {
      const auto known = previous.find(id);
      meetings_->add_referring(closure, known == previous.end() ? nullptr : &known->second, merged.identities.at(id));
    }
    if (closure.size() == before) return finish(std::move(merged), closure.previous, now);
  }
}

MergeOutcome Register::finish(Merged merged, Identities& previous, Time now) {
  MergeOutcome out;
  out.findings = std::move(merged.findings);
  out.diagnostics = std::move(merged.diagnostics);
  out.looked_at = merged.identities.size();
  for (const IdentityId id : merged.changed) {
    const auto known = previous.find(id);
    out.changes.push_back(
        {known == previous.end() ? std::nullopt : std::optional(known->second), std::move(merged.identities.at(id))});
    known_.put(out.changes.back().after);
    if (meetings_ != nullptr) meetings_->change(out.changes.back(), now);
  }
  MergeMemory memory{now, policy_.digest.str(), {}, std::move(merged.changed), {}};
  for (const model::SourceKey& key : merged.attention) {
    const Kept& one = *kept(key.source);
    memory.attention.emplace(key, one.line(one.find(key.key)));
  }
  for (const auto& [name, kept] : kept_)
    if (kept) memory.sources.insert(name);
  memory_ = std::move(memory);
  return out;
}

json::Value to_json(const MergeMemory& memory) {
  json::Array sources, changed, attention;
  for (const auto& name : memory.sources) sources.push_back(name.str());
  for (const IdentityId id : memory.changed) changed.push_back(id.value());
  for (const auto& [key, line] : memory.attention) {
    json::Array parts;
    parts.push_back(key.source.str());
    parts.push_back(key.key);
    parts.push_back(std::int64_t{line});
    attention.push_back(std::move(parts));
  }
  return json::Object{{"at", memory.at.to_rfc3339()},
                      {"policy", memory.policy},
                      {"sources", std::move(sources)},
                      {"changed", std::move(changed)},
                      {"attention", std::move(attention)}};
}

Result<MergeMemory> merge_memory_from_json(const json::Value& value) {
  const json::Reader reader(value, "merge");
  MergeMemory memory;
  TENURE_TRY(const std::string at, reader.string("at"));
  TENURE_TRY(memory.at, Time::parse(at));
  TENURE_TRY(memory.policy, reader.string("policy"));
  TENURE_TRY(const auto sources, reader.array("sources"));
  for (const json::Reader& one : sources) {
    if (!one.value().is_string()) return one.wrong("", "a source");
    memory.sources.insert(model::SourceName(one.value().as_string()));
  }
  TENURE_TRY(const auto changed, reader.array("changed"));
  for (const json::Reader& one : changed) {
    if (!one.value().is_int()) return one.wrong("", "an identity");
    memory.changed.emplace_back(one.value().as_int());
  }
  TENURE_TRY(const auto attention, reader.array("attention"));
  for (const json::Reader& one : attention) {
    const bool shaped = one.value().is_array() && one.value().as_array().size() == 3;
    const json::Array& parts = shaped ? one.value().as_array() : json::Array();
    if (!shaped || !parts[0].is_string() || !parts[1].is_string() || !parts[2].is_int())
      return one.wrong("", "a source, a key and a line");
    memory.attention.emplace(model::SourceKey{model::SourceName(parts[0].as_string()), parts[1].as_string()},
                             static_cast<std::uint32_t>(parts[2].as_int()));
  }
  return memory;
}

}  // namespace tenure::source

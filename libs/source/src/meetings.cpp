#include "meetings.hpp"

#include <algorithm>

namespace tenure::source {
namespace {

using model::IdentityId;

std::string token_of(const std::string& attribute, const json::Value& value) {
  return attribute + '\0' + json::to_string(value);
}

}  // namespace

void Links::add(std::uint32_t token, std::uint32_t number) {
  if (token >= heads_.size()) heads_.resize(std::max<std::size_t>(token + 1, heads_.size() * 2), kEnd);
  std::uint32_t node = free_;
  if (node == kEnd) {
    node = static_cast<std::uint32_t>(nodes_.size());
    nodes_.emplace_back();
  } else {
    free_ = nodes_[node].next;
  }
  nodes_[node] = {number, heads_[token]};
  heads_[token] = node;
}

void Links::remove(std::uint32_t token, std::uint32_t number) {
  if (token >= heads_.size()) return;
  for (std::uint32_t* at = &heads_[token]; *at != kEnd; at = &nodes_[*at].next) {
    if (nodes_[*at].number != number) continue;
    const std::uint32_t node = *at;
    *at = nodes_[node].next;
    nodes_[node].next = free_;
    free_ = node;
    return;
  }
}

std::size_t Closure::size() const {
  std::size_t all = identities.size();
  for (const auto& [name, codes] : records) all += codes.size();
  return all;
}

Register::Meetings::Meetings(const policy::PolicySet& policy, KeptSources& kept, const KnownIdentities& known, Time at,
                             Workers& workers)
    : policy_(policy), known_(known) {
  for (const auto& [name, doc] : policy.sources) {
    by_.insert(doc.correlate_attribute);
    for (const policy::RelationMapping& relation : doc.relations) by_.insert(relation.attribute);
  }
  for (const auto& [name, doc] : policy.sources) {
    const auto found = kept.find(name);
    if (found == kept.end() || !found->second) continue;
    Source& source = sources_[name];
    source.doc = &doc;
    source.kept = &*found->second;
    for (std::size_t i = 0; i < doc.attributes.size(); ++i)
      if (by_.contains(doc.attributes[i].attribute)) source.attributes.push_back(i);
    source.shape = {source.kept->file, source.kept->columns, {}};
    source.mapper = std::make_unique<Mapper>(policy, doc, source.shape, source.unheard);
    index_records(source, workers);
  }
  known_.each([&](const model::Identity& identity) { index_identity(identity, at); });
}

Record Register::Meetings::record_of(const Source& source, Kept::Code code, const std::string& text) const {
  return {std::string(source.kept->key(code)), fields_of(text), 0};
}

Register::Meetings::Tokens Register::Meetings::tokens_of(const Source& source, const Mapper& mapper,
                                                         const Record& record) const {
  Tokens out;
  for (const std::size_t i : source.attributes)
    if (const Field field = mapper.attribute(record, i); field.has_value())
      out.meets.push_back(token_of(source.doc->attributes[i].attribute, field.value));
  for (std::size_t i = 0; i < source.doc->relations.size(); ++i)
    if (const Field field = mapper.relation(record, i); field.has_value())
      out.refers.push_back(token_of(source.doc->relations[i].attribute, field.value));
  return out;
}

std::vector<std::string> Register::Meetings::tokens_of(const model::Identity& identity) const {
  std::vector<std::string> out;
  for (const std::string& attribute : by_)
    if (const auto fact = identity.facts.find(attribute); fact != identity.facts.end() && !fact->second.value.is_null())
      out.push_back(token_of(attribute, fact->second.value));
  return out;
}

void Register::Meetings::index_records(Source& source, Workers& workers) {
  const Kept& kept = *source.kept;
  std::vector<Tokens> all(kept.codes());
  in_parts(workers, kept.codes(), 1'024, [&](std::size_t begin, std::size_t end) {
    Diagnostics unheard;
    const Mapper mapper(policy_, *source.doc, source.shape, unheard);
    for (auto code = static_cast<Kept::Code>(begin); code < end; ++code)
      if (kept.present(code)) all[code] = tokens_of(source, mapper, record_of(source, code, kept.text(code)));
  });
  for (Kept::Code code = 0; code < all.size(); ++code) {
    for (const std::string& token : all[code].meets) source.meets.add(tokens_.intern(token), code);
    for (const std::string& token : all[code].refers) source.refers.add(tokens_.intern(token), code);
  }
  source.identity_of.resize(kept.codes());
}

// Bounds at or before `after` have been passed.
void Register::Meetings::index_identity(const model::Identity& identity, Time after) {
  const auto number = static_cast<std::uint32_t>(identity.id.value());
  for (const std::string& token : tokens_of(identity)) holders_.add(tokens_.intern(token), number);
  if (identity.alias_of.valid() && is_alias_.insert(identity.id).second)
    aliases_[identity.alias_of].push_back(identity.id);
  for (const model::SourceKey& key : identity.records) {
    const auto found = sources_.find(key.source);
    if (found == sources_.end()) continue;
    const Kept::Code code = found->second.kept->intern(key.key);
    auto& identity_of = found->second.identity_of;
    if (code >= identity_of.size()) identity_of.resize(std::max<std::size_t>(code + 1, identity_of.size() * 2));
    identity_of[code] = identity.id.value();
  }
  for (const model::Engagement& engagement : identity.engagements)
    for (const Time bound : {engagement.start, engagement.end})
      if (bound > after && bound != Time::never()) bounds_.emplace_back(bound, identity.id);
}

void Register::Meetings::change(const model::SourceName& name, const RecordChange& change) {
  Source& source = sources_.at(name);
  if (change.code >= source.identity_of.size()) source.identity_of.resize(change.code + 1);
  if (!change.before.empty()) {
    const Tokens tokens = tokens_of(source, *source.mapper, record_of(source, change.code, change.before));
    for (const std::string& token : tokens.meets) source.meets.remove(tokens_.intern(token), change.code);
    for (const std::string& token : tokens.refers) source.refers.remove(tokens_.intern(token), change.code);
  }
  if (!change.after.empty()) {
    const Tokens tokens = tokens_of(source, *source.mapper, record_of(source, change.code, change.after));
    for (const std::string& token : tokens.meets) source.meets.add(tokens_.intern(token), change.code);
    for (const std::string& token : tokens.refers) source.refers.add(tokens_.intern(token), change.code);
  }
}

void Register::Meetings::change(const IdentityChange& change, Time now) {
  if (change.before)
    for (const std::string& token : tokens_of(*change.before))
      holders_.remove(tokens_.intern(token), static_cast<std::uint32_t>(change.before->id.value()));
  index_identity(change.after, now);
}

void Register::Meetings::add(Closure& closure, const model::SourceName& name, Kept::Code code) {
  Source& source = sources_.at(name);
  if (source.kept->present(code)) {
    if (closure.records[name].insert(code).second) open_records_.emplace_back(&source, code);
  } else if (code < source.identity_of.size() && source.identity_of[code] != 0) {
    add(closure, IdentityId(source.identity_of[code]));
  }
  follow(closure);
}

void Register::Meetings::add_before(Closure& closure, const model::SourceName& name, const RecordChange& change) {
  const Source& source = sources_.at(name);
  if (change.before.empty()) return;
  for (const std::string& token :
       tokens_of(source, *source.mapper, record_of(source, change.code, change.before)).meets)
    meet(closure, tokens_.intern(token));
  follow(closure);
}

void Register::Meetings::add(Closure& closure, IdentityId id) {
  if (closure.identities.insert(id).second) open_identities_.push_back(id);
  follow(closure);
}

void Register::Meetings::add_passed(Closure& closure, Time now) {
  for (const auto& [bound, id] : bounds_)
    if (bound <= now) add(closure, id);
  std::erase_if(bounds_, [&](const auto& one) { return one.first <= now; });
}

void Register::Meetings::add_referring(Closure& closure, const model::Identity* before, const model::Identity& after) {
  if (after.alias_of.valid()) return;
  std::vector<std::string> old, now = tokens_of(after), differ;
  if (before != nullptr) old = tokens_of(*before);
  std::sort(old.begin(), old.end());
  std::sort(now.begin(), now.end());
  std::set_symmetric_difference(old.begin(), old.end(), now.begin(), now.end(), std::back_inserter(differ));
  for (const std::string& text : differ) {
    const Token token = tokens_.find(text);
    if (token == population::Dictionary::kNone) continue;
    for (auto& [name, source] : sources_)
      source.refers.each(token, [&](std::uint32_t code) {
        if (closure.records[name].insert(code).second) open_records_.emplace_back(&source, code);
      });
  }
  follow(closure);
}

void Register::Meetings::meet(Closure& closure, Token token) {
  if (closure.tokens.insert(token).second) open_tokens_.push_back(token);
}

const model::Identity* Register::Meetings::look_at(Closure& closure, IdentityId id) {
  auto identity = known_.identity(id);
  if (!identity) return nullptr;
  return &closure.previous.emplace(id, std::move(*identity)).first->second;
}

void Register::Meetings::follow(Closure& closure) {
  while (true) {
    if (!open_records_.empty()) {
      const auto [source, code] = open_records_.back();
      open_records_.pop_back();
      visit(closure, *source, code);
    } else if (!open_identities_.empty()) {
      const IdentityId id = open_identities_.back();
      open_identities_.pop_back();
      if (const model::Identity* identity = look_at(closure, id)) visit(closure, *identity);
    } else if (!open_tokens_.empty()) {
      const Token token = open_tokens_.back();
      open_tokens_.pop_back();
      visit(closure, token);
    } else {
      return;
    }
  }
}

void Register::Meetings::visit(Closure& closure, Source& source, Kept::Code code) {
  for (const std::string& token :
       tokens_of(source, *source.mapper, record_of(source, code, source.kept->text(code))).meets)
    meet(closure, tokens_.intern(token));
  if (code < source.identity_of.size() && source.identity_of[code] != 0)
    if (const IdentityId id(source.identity_of[code]); closure.identities.insert(id).second)
      open_identities_.push_back(id);
}

void Register::Meetings::visit(Closure& closure, const model::Identity& identity) {
  const auto open = [&](IdentityId id) {
    if (closure.identities.insert(id).second) open_identities_.push_back(id);
  };
  for (const std::string& token : tokens_of(identity)) meet(closure, tokens_.intern(token));
  if (identity.alias_of.valid()) open(identity.alias_of);
  if (const auto found = aliases_.find(identity.id); found != aliases_.end())
    for (const IdentityId alias : found->second) open(alias);
  for (const model::SourceKey& key : identity.records) {
    const auto found = sources_.find(key.source);
    if (found == sources_.end()) continue;
    const Kept::Code code = found->second.kept->find(key.key);
    if (code != Kept::kNone && found->second.kept->present(code) && closure.records[key.source].insert(code).second)
      open_records_.emplace_back(&found->second, code);
  }
}

void Register::Meetings::visit(Closure& closure, Token token) {
  holders_.each(token, [&](std::uint32_t number) {
    if (const IdentityId id(number); closure.identities.insert(id).second) open_identities_.push_back(id);
  });
  for (auto& [name, source] : sources_)
    source.meets.each(token, [&](std::uint32_t code) {
      if (closure.records[name].insert(code).second) open_records_.emplace_back(&source, code);
    });
}

std::vector<IdentityId> Register::Meetings::holders(const std::string& attribute, const std::string& text,
                                                    const Identities& except) const {
  std::vector<IdentityId> out;
  const Token token = tokens_.find(token_of(attribute, text));
  if (token == population::Dictionary::kNone) return out;
  holders_.each(token, [&](std::uint32_t number) {
    const IdentityId id(number);
    if (!except.contains(id) && !is_alias_.contains(id)) out.push_back(id);
  });
  return out;
}

}  // namespace tenure::source

#include "causes.hpp"

#include <algorithm>

namespace tenure::plan {
namespace {

std::string show(const json::Value& value) {
  return value.is_string() ? value.as_string() : json::to_string(value);
}

// The record of the source that the fact came from.
std::string record_of(const model::Identity& identity, const model::SourceName& source) {
  for (const auto& record : identity.records)
    if (record.source == source) return record.key;
  return identity.key;
}

Cause made(std::string kind, std::string root, std::string text, model::IdentityId identity) {
  Cause cause{{}, std::move(kind), std::move(root), std::move(text), identity};
  cause.id = cause_id(cause);
  return cause;
}

Cause from_policy(const Picture& picture, const TargetPicture& target) {
  return made("policy", "policy", "policy " + picture.policy().name + " on " + target.doc->name.str(), {});
}

// Facts known when the policy came into force, or when the target came under management, are not news.
bool is_news(const Picture& picture, const TargetPicture& target, Time known_at) {
  const Time begun = target.view == nullptr ? Time{} : target.view->state.managed_since;
  return known_at > std::max(picture.world().policy_since, begun);
}

// All that is known of the identity came at once: it is new, and no single attribute is the cause.
bool is_new(const model::Identity& identity) {
  const auto differs = [&](const auto& fact) {
    return fact.second.known_at != identity.facts.begin()->second.known_at;
  };
  return std::none_of(identity.facts.begin(), identity.facts.end(), differs);
}

// The engagement that ended last, or none.
const model::Engagement* last_engagement(const model::Identity& identity) {
  const model::Engagement* last = nullptr;
  for (const auto& engagement : identity.engagements)
    if (last == nullptr ||
        std::tie(engagement.end, engagement.start, engagement.key) > std::tie(last->end, last->start, last->key))
      last = &engagement;
  return last;
}

const std::pair<const std::string, model::Fact>* latest_fact(const model::Identity& identity, const Facts& facts) {
  const std::pair<const std::string, model::Fact>* latest = nullptr;
  for (const auto& [name, value] : facts) {
    const auto it = identity.facts.find(name);
    if (it == identity.facts.end()) continue;
    if (latest == nullptr || it->second.known_at > latest->second.known_at) latest = &*it;
  }
  return latest;
}

}  // namespace

std::string lifecycle_text(const model::Identity& identity, model::LifecycleState state, Time now) {
  if (const model::Engagement* last = last_engagement(identity)) {
    const std::string of = " of " + last->key + " = ";
    if (last->end != Time::never() && last->end <= now && last->status != "terminated")
      return last->source.str() + " end" + of + last->end.to_date();
    if (last->status == "gone") return last->source.str() + " record " + last->key + " is gone";
    if (last->start > now) return last->source.str() + " start" + of + last->start.to_date();
    return last->source.str() + " status" + of + last->status;
  }
  if (const auto status = identity.facts.find("status"); status != identity.facts.end())
    return status->second.source.str() + " status of " + record_of(identity, status->second.source) + " = " +
           show(status->second.value);
  return identity.key + " is " + std::string(model::name_of(state));
}

Cause cause_of_lifecycle(const Picture& picture, const model::Identity& identity, model::LifecycleState state,
                         const TargetPicture& target) {
  const model::Engagement* last = last_engagement(identity);
  std::string source = last == nullptr ? "" : last->source.str();
  if (source.empty())
    if (const auto status = identity.facts.find("status"); status != identity.facts.end())
      source = status->second.source.str();
  if (source.empty()) return from_policy(picture, target);
  return made("source_row", "source " + source, lifecycle_text(identity, state, picture.world().now), identity.id);
}

Cause cause_of_facts(const Picture& picture, const model::Identity& identity, const Facts& facts,
                     const TargetPicture& target) {
  const auto* latest = latest_fact(identity, facts);
  if (latest == nullptr) {  // it rests on the identity being there at all
    for (const auto& fact : identity.facts)
      if (latest == nullptr || fact.second.known_at < latest->second.known_at) latest = &fact;
  }
  if (latest == nullptr || !is_news(picture, target, latest->second.known_at)) return from_policy(picture, target);
  const model::SourceName& source = latest->second.source;
  const std::string record = record_of(identity, source);
  std::string text = source.str() + " record " + record + " is new";
  if (!is_new(identity))
    text = source.str() + " " + latest->first + " of " + record + " = " + show(latest->second.value);
  return made("source_row", "source " + source.str(), std::move(text), identity.id);
}

}  // namespace tenure::plan

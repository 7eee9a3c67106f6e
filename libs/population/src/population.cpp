#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include <tenure/population/population.hpp>

namespace tenure::population {
namespace {

bool has_slash(std::string_view text) {
  return text.find('/') != std::string_view::npos;
}

}  // namespace

struct Population::Body {
  People people;
  std::map<model::TargetName, std::unique_ptr<Accounts>> targets;
};

Population::Population() : body_(std::make_unique<Body>()) {}
Population::~Population() = default;
Population::Population(Population&&) noexcept = default;
Population& Population::operator=(Population&&) noexcept = default;

People& Population::people() {
  return body_->people;
}
const People& Population::people() const {
  return body_->people;
}

Accounts& Population::known(const model::TargetName& target) {
  auto& accounts = body_->targets[target];
  if (accounts == nullptr) accounts = std::make_unique<Accounts>(target);
  return *accounts;
}

void Population::put(const model::Claim& claim) {
  known(claim.account.target).put(claim);
}

void Population::erase_claim(const model::AccountRef& account) {
  if (const auto it = body_->targets.find(account.target); it != body_->targets.end())
    it->second->erase_claim(account.id.str());
}

void Population::put(const model::Decision& decision) {
  // Parts with slashes of their own can make the key of another decision: that one is replaced, as in the store.
  if (has_slash(decision.account.target.str()) || has_slash(decision.account.id.str()) ||
      has_slash(decision.entitlement.str()) || has_slash(decision.parameters))
    erase_decision(model::row_id(decision));
  known(decision.account.target).put(decision);
}

void Population::erase_decision(const std::string& row_id) {
  const std::string_view key = row_id;
  for (const auto& [target, accounts] : body_->targets) {
    const std::string& name = target.str();
    if (key.size() > name.size() && key.starts_with(name) && key[name.size()] == '/' &&
        accounts->erase_decision(key.substr(name.size() + 1)))
      return;
  }
}

void Population::put(const model::NameTaken& name) {
  known(name.target).put(name);
}

void Population::put_observation(const model::Observation& observation) {
  known(observation.target).put_observation(observation);
}

void Population::put_image(const model::AccountRef& account, const std::optional<model::AccountImage>& image) {
  known(account.target).put_image(account, image);
}

void Population::settle() {
  body_->people.settle();
  for (const auto& [target, accounts] : body_->targets) accounts->settle();
}

void Population::fold() {
  body_->people.fold();
  for (const auto& [target, accounts] : body_->targets) accounts->fold();
}

std::vector<model::TargetName> Population::targets() const {
  std::vector<model::TargetName> names;
  for (const auto& [target, accounts] : body_->targets) names.push_back(target);
  return names;
}

const Accounts* Population::accounts(const model::TargetName& target) const {
  const auto it = body_->targets.find(target);
  return it == body_->targets.end() ? nullptr : it->second.get();
}

Population::NameUse Population::name(const model::TargetName& target, std::string_view attribute,
                                     std::string_view name) const {
  NameUse use;
  const Accounts* of_target = accounts(target);
  if (of_target == nullptr) return use;
  auto names = of_target->names(attribute, name);
  if (names.empty()) return use;
  use.several = names.front().identity != names.back().identity;  // they are ordered by identity
  use.first = std::move(names.front());
  return use;
}

std::vector<model::NameTaken> Population::names_of(model::IdentityId identity) const {
  std::vector<std::pair<std::string, model::NameTaken>> keyed;
  for (const auto& [target, accounts] : body_->targets)
    for (auto& name : accounts->names_of(identity)) {
      std::string key = model::row_id(name);
      keyed.emplace_back(std::move(key), std::move(name));
    }
  std::sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<model::NameTaken> out;
  for (auto& [key, name] : keyed) out.push_back(std::move(name));
  return out;
}

std::size_t Population::bytes() const {
  std::size_t total = body_->people.bytes();
  for (const auto& [target, accounts] : body_->targets) total += sizeof(Accounts) + accounts->bytes();
  return total;
}

}  // namespace tenure::population

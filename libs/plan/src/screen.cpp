#include "screen.hpp"

#include "duty_screen.hpp"
#include "lives.hpp"
#include "target_screen.hpp"

#include <algorithm>
#include <bit>
#include <memory>

namespace tenure::plan {

Screen::Screen(const policy::PolicySet& policy, const population::Population& population, const Picture& picture,
               const Setting& setting, const PlanRequest& request, const DutyRights& duties, Workers& workers)
    : ground_{.policy = policy, .population = population, .picture = picture, .request = request} {
  look_at_lives(setting, workers);
  for (std::uint32_t number = 0; number < policy.lines.size(); ++number) {
    const policy::RoleGrant& grant = *policy.lines[number].grant;
    const auto target = picture.targets().find(grant.target);
    if (target != picture.targets().end() && in_request(request, target->second) &&
        target->second.scope(grant.account_class) <= model::Scope::kAdditive)
      asked_.push_back(number);
  }
  ground_.lines = line_rows(policy, population, {asked_, &ground_.lives}, workers);
  look_at_targets(setting, duties, workers);
  ground_.lines = {};  // the most there is in memory here, and nobody asks any more
  ground_.lives = {};
}

void Screen::look_at_lives(const Setting& setting, Workers& workers) {
  ground_.lives = all_lives(ground_.policy, ground_.population.people(), setting.now, workers);
  ground_.enabled = Bitmap(ground_.lives.somebody.size());
  for (std::size_t state = 0; state < kLifecycleStates; ++state) {
    Desired desired;
    desired.state = static_cast<model::LifecycleState>(state);
    desired.account_state = ground_.aims.at(state) = policy::account_state(ground_.policy, desired.state);
    ground_.ended.at(state) = desired.ended();
    if (desired.account_state == model::AccountState::kEnabled) ground_.enabled |= ground_.lives.in_state.at(state);
  }
  next_due_ = ground_.lives.next_change;
}

void Screen::look_at_targets(const Setting& setting, const DutyRights& duties, Workers& workers) {
  std::vector<std::unique_ptr<TargetScreen>> targets;
  for (const auto& [name, target] : ground_.picture.targets())
    if (in_request(ground_.request, target)) targets.push_back(std::make_unique<TargetScreen>(ground_, target));
  workers.run(targets.size(), [&](std::size_t i) { targets[i]->map(); });
  by_row_ = Bitmap(ground_.lives.somebody.size());
  for (const auto& target : targets) by_row_ |= target->by_row();
  // What people decided is for the row planner.
  const population::People& people = ground_.population.people();
  for (const auto& [id, assignments] : setting.assignments)
    if (people.contains(id))
      if (const IdentityIndex row = ground_.somebody_of(people.row(id)); row != population::kNobody) by_row_.set(row);
  workers.run(targets.size(), [&](std::size_t i) { targets[i]->compare(by_row_); });

  Bitmap all(ground_.lives.somebody.size());
  for (const auto& target : targets) all |= target->candidates();
  for (const auto& [id, assignments] : setting.assignments)
    if (people.contains(id))
      if (const IdentityIndex row = ground_.somebody_of(people.row(id)); row != population::kNobody) all.set(row);
  screen_duties(ground_, duties, all);
  const auto add = [&](IdentityIndex owner) {
    const IdentityIndex row = ground_.somebody_of(owner);
    if (row != population::kNobody) all.set(row);
  };
  people.aliases().for_each([&](std::size_t alias) { add(static_cast<IdentityIndex>(alias)); });
  for (const InFlight& change : setting.in_flight) {
    if (change.identity.valid()) add(people.row(change.identity));
    const population::Accounts* accounts = ground_.population.accounts(change.account.target);
    const AccountIndex account = accounts == nullptr ? population::kNobody : accounts->find(change.account.id);
    if (account != population::kNobody) add(accounts->entry(account).owner);
  }
  all.for_each([&](std::size_t row) { candidates_.push_back(static_cast<IdentityIndex>(row)); });
  index_lines(all, workers);

  for (const auto& target : targets) {
    dressed_.emplace(target->accounts(), target->dressed());
    next_due_ = std::min(next_due_, target->next_term(all));
    for (const auto& [what, changes] : target->withheld()) undecided_[what].changes += changes;
  }
  count_identities();
}

// Of whom a line is undecided, and what of that it reads is unknown.
void Screen::count_identities() {
  std::map<std::string, Bitmap> undecided;
  const auto add = [&](const std::string& what, const Bitmap& identities) {
    if (identities.none()) return;
    Bitmap& all = undecided[what];
    all.resize(identities.size());
    all |= identities;
  };
  // Sets that read the same are taken together.
  std::map<std::vector<std::string>, Bitmap> by_reads;
  for (const RowSet& set : ground_.lines.sets) {
    if (set.unknown.empty()) continue;
    Bitmap& all = by_reads[set.reads];
    all.resize(ground_.lives.somebody.size());
    for (const IdentityIndex row : set.unknown) all.set(row);
  }
  for (auto& [reads, identities] : by_reads) {
    identities.and_not(by_row_);
    Bitmap failed = identities;
    for (const auto& name : reads) {
      Bitmap because = identities;
      because &= ground_.lines.unknown_facts.at(name);
      add("attribute " + name, because);
      failed.and_not(ground_.lines.unknown_facts.at(name));
    }
    if (!failed.none()) add_failed(reads, failed, add);
  }
  const population::People& people = ground_.population.people();
  for (const auto& [what, identities] : undecided) {
    Undecided& count = undecided_[what];
    count.identities = static_cast<std::int64_t>(identities.count());
    for (std::size_t w = 0; w < identities.words().size() && count.first.size() < Undecided::kShown; ++w)
      for (std::uint64_t word = identities.words()[w]; word != 0 && count.first.size() < Undecided::kShown;
           word &= word - 1) {
        const auto row =
            static_cast<IdentityIndex>(w * Bitmap::kWordBits + static_cast<std::size_t>(std::countr_zero(word)));
        count.first.emplace(people.id(row), people.key(row));
      }
  }
}

// Conditions that fail by themselves, by their rule.
void Screen::add_failed(const std::vector<std::string>& reads, const Bitmap& failed,
                        const std::function<void(const std::string&, const Bitmap&)>& add) const {
  for (const std::uint32_t number : asked_) {
    const RowSet& set = ground_.lines.of(number);
    if (set.reads != reads) continue;
    Bitmap here(failed.size());
    for (const IdentityIndex row : set.unknown) here.set(row);
    here &= failed;
    add(ground_.policy.lines[number].rule, here);
  }
}

void Screen::index_lines(const Bitmap& candidates, Workers& workers) {
  std::vector<std::uint32_t> place(candidates.size());
  for (std::uint32_t i = 0; i < candidates_.size(); ++i) place[candidates_[i]] = i;
  // Of each set, the candidates in it.
  struct Found {
    std::uint32_t candidate;
    LineToAsk::Known known;
  };
  const auto& sets = ground_.lines.sets;
  std::vector<std::vector<Found>> found(sets.size());
  in_parts(workers, sets.size(), 16, [&](std::size_t begin, std::size_t end) {
    for (std::size_t set = begin; set < end; ++set) {
      for (const IdentityIndex row : sets[set].truth)
        if (candidates.test(row)) found[set].push_back({place[row], LineToAsk::Known::kTrue});
      // Whoever is counted by row is asked there why it cannot be decided.
      for (const IdentityIndex row : sets[set].unknown)
        if (candidates.test(row))
          found[set].push_back(
              {place[row], by_row_.test(row) ? LineToAsk::Known::kNothing : LineToAsk::Known::kUndecided});
    }
  });
  lines_begin_.assign(candidates_.size() + 1, 0);
  for (const std::uint32_t number : asked_)
    for (const Found& one : found[ground_.lines.set_of[number]]) ++lines_begin_[one.candidate + 1];
  for (std::size_t i = 1; i < lines_begin_.size(); ++i) lines_begin_[i] += lines_begin_[i - 1];
  lines_.resize(lines_begin_.back());
  std::vector<std::uint32_t> at(lines_begin_.begin(), lines_begin_.end() - 1);
  for (const std::uint32_t number : asked_)
    for (const Found& one : found[ground_.lines.set_of[number]]) lines_[at[one.candidate]++] = {number, one.known};
}

std::vector<LineToAsk> Screen::lines(const model::Identity& identity) const {
  const auto found =
      std::lower_bound(candidates_.begin(), candidates_.end(), ground_.population.people().row(identity.id));
  const auto place = static_cast<std::size_t>(found - candidates_.begin());
  return {lines_.begin() + lines_begin_[place], lines_.begin() + lines_begin_[place + 1]};
}

bool Screen::counted(model::IdentityId identity) const {
  return !by_row_.test(ground_.population.people().row(identity));
}

bool Screen::dressed(const model::AccountRef& account) const {
  const population::Accounts* accounts = ground_.population.accounts(account.target);
  const auto found = dressed_.find(accounts);
  if (accounts == nullptr || found == dressed_.end()) return false;
  const AccountIndex row = accounts->find(account.id);
  return row < found->second.size() && found->second.test(row);
}

void Screen::count_into(Draft& draft) const {
  for (const auto& [what, count] : undecided_)
    if (count.identities > 0) draft.undecided(what, count);
  draft.due(next_due_);
}

}  // namespace tenure::plan

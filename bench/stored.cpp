#include "stored.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <utility>
#include <vector>

#include <tenure/runtime/decisions.hpp>
#include <tenure/runtime/reader.hpp>

namespace tenure::bench {
namespace {

using store::Table;

// Commits rows some thousands at a time.
class Rows {
 public:
  explicit Rows(store::Store& store) : store_(store) {}
  Status add(store::Write write) {
    batch_.writes.push_back(std::move(write));
    return batch_.writes.size() < 5'000 ? Status() : flush();
  }
  Status flush() {
    TENURE_CHECK_OK(store_.commit(batch_));
    batch_.writes.clear();
    return {};
  }

 private:
  store::Store& store_;
  store::Batch batch_;
};

std::string identity_row_id(model::IdentityId id) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%012lld", static_cast<long long>(id.value()));
  return text.data();
}

Status write_people(const population::People& people, Rows& rows) {
  for (population::IdentityIndex row = 0; row < people.rows(); ++row) {
    if (!people.present().test(row)) continue;
    const model::Identity identity = people.identity(row);
    TENURE_CHECK_OK(rows.add({Table::kIdentity,
                              identity_row_id(identity.id),
                              store::kAnyVersion,
                              false,
                              {std::string(model::name_of(identity.kind)), "", 0},
                              json::to_string(model::to_json(identity))}));
  }
  return {};
}

Status write_claims_and_names(const population::Accounts& accounts, Rows& rows) {
  for (population::AccountIndex row = 0; row < accounts.rows(); ++row)
    if (const auto claim = accounts.claim(row))
      TENURE_CHECK_OK(rows.add({Table::kClaim,
                                model::row_id(*claim),
                                store::kAnyVersion,
                                false,
                                {accounts.target().str(), std::to_string(claim->identity.value()), 0},
                                json::to_string(model::to_json(*claim))}));
  for (const model::NameTaken& name : accounts.all_names())
    TENURE_CHECK_OK(rows.add({Table::kName,
                              model::row_id(name),
                              store::kAnyVersion,
                              false,
                              {accounts.target().str(), "", 0},
                              json::to_string(model::to_json(name))}));
  return {};
}

// Blocks, one after another: a whole reading as values would be more than the company itself.
class Blocks {
 public:
  Blocks(const population::Accounts& accounts, Rows& rows) : accounts_(accounts), rows_(rows) {
    bits_ = runtime::bits_for(accounts.rows(), -1);
    for (population::AccountIndex row = 0; row < accounts.rows(); ++row)
      by_block_[runtime::block_of(accounts.id(row), bits_)].push_back(row);
  }

  Status write() {
    const std::string target = accounts_.target().str();
    json::Object digests;
    for (auto& [block, members] : by_block_) {
      std::sort(members.begin(), members.end(), [&](auto a, auto b) { return accounts_.id(a) < accounts_.id(b); });
      std::string observed = observed_of(members);
      digests.emplace(block, Digest::of(observed).str());
      TENURE_CHECK_OK(rows_.add({Table::kObserved,
                                 target + "/b/" + block,
                                 store::kAnyVersion,
                                 false,
                                 {target, "block", 0},
                                 std::move(observed)}));
      if (std::string given = given_of(members); !given.empty())
        TENURE_CHECK_OK(rows_.add({Table::kDecision,
                                   "/" + target + "/" + std::to_string(bits_) + "/" + block,
                                   store::kAnyVersion,
                                   false,
                                   {target, "block", 0},
                                   std::move(given)}));
    }
    return write_head(std::move(digests));
  }

 private:
  std::string observed_of(const std::vector<population::AccountIndex>& members) const {
    std::vector<model::AccountImage> images;
    for (const auto row : members)
      if (auto account = accounts_.account(row)) images.push_back({std::move(*account), accounts_.grants(row)});
    return runtime::encode_observed(images);
  }

  std::string given_of(const std::vector<population::AccountIndex>& members) const {
    std::vector<model::Decision> given;
    for (const auto row : members)
      for (model::Decision& decision : accounts_.decisions(row))
        if (runtime::may_be_folded(decision)) given.push_back(std::move(decision));
    std::sort(given.begin(), given.end(), [](const auto& a, const auto& b) {
      return std::tie(a.account, a.entitlement, a.parameters) < std::tie(b.account, b.entitlement, b.parameters);
    });
    return given.empty() ? "" : runtime::encode_given(given);
  }

  Status write_head(json::Object digests) {
    if (!accounts_.reading()) return {};
    model::Observation head = *accounts_.reading();
    head.target = accounts_.target();
    head.accounts.clear();
    const auto nesting = accounts_.nesting();
    head.grants.assign(nesting.begin(), nesting.end());
    json::Value meta = model::to_json(head);
    meta.as_object().insert_or_assign("blocks", std::move(digests));
    meta.as_object().insert_or_assign("bits", bits_);
    return rows_.add({Table::kObserved,
                      head.target.str() + "/meta",
                      store::kAnyVersion,
                      false,
                      {head.target.str(), "meta", 0},
                      json::to_string(meta)});
  }

  const population::Accounts& accounts_;
  Rows& rows_;
  int bits_ = 0;
  std::map<std::string, std::vector<population::AccountIndex>> by_block_;
};

// Decisions that stand in no block.
Status write_decisions(const population::Accounts& accounts, Rows& rows) {
  for (population::AccountIndex row = 0; row < accounts.rows(); ++row) {
    const auto& entry = accounts.entry(row);
    if (!entry.special && !entry.disabled) continue;
    for (const model::Decision& decision : accounts.decisions(row))
      if (!runtime::may_be_folded(decision)) TENURE_CHECK_OK(rows.add(runtime::put_decision(decision)));
  }
  return {};
}

}  // namespace

Status write_rows(const population::Population& population, store::Store& store) {
  Rows rows(store);
  TENURE_CHECK_OK(write_people(population.people(), rows));
  for (const model::TargetName& target : population.targets()) {
    const population::Accounts& accounts = *population.accounts(target);
    TENURE_CHECK_OK(write_claims_and_names(accounts, rows));
    TENURE_CHECK_OK(Blocks(accounts, rows).write());
    TENURE_CHECK_OK(write_decisions(accounts, rows));
  }
  return rows.flush();
}

}  // namespace tenure::bench

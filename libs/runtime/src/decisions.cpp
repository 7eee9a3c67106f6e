#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include <tenure/base/json.hpp>
#include <tenure/runtime/decisions.hpp>

namespace tenure::runtime {
namespace {

using store::Table;

const std::string kBlock("block"), kEnded("ended");

std::string account_key(std::string_view target, std::string_view account) {
  return std::string(target) + "/" + std::string(account);
}

// One row that is no block.
struct Delta {
  std::string row_id;
  std::int64_t version = 0;
  std::optional<model::Decision> decision;  // nullopt: ended
};

Result<std::vector<Delta>> load_deltas(store::Snapshot& snapshot, const model::TargetName& target) {
  const std::string prefix = target.str() + "/";
  std::vector<Delta> deltas;
  Status status;
  const auto take = [&](const store::Row& row) -> Status {
    Delta delta{row.id, row.version, std::nullopt};
    if (row.index.state != kEnded) {
      auto body = json::parse(row.body);
      auto decision = body ? model::decision_from_json(*body) : Result<model::Decision>(fail(std::move(body).error()));
      if (!decision) return fail(Reason::kStoreCorrupt, "decision " + row.id + ": " + decision.error().message());
      delta.decision = std::move(*decision);
    }
    deltas.push_back(std::move(delta));
    return {};
  };
  TENURE_CHECK_OK(snapshot.scan({.table = Table::kDecision, .after_id = prefix}, [&](const store::Row& row) {
    if (!row.id.starts_with(prefix)) return false;
    return (status = take(row)).has_value();
  }));
  TENURE_CHECK_OK(status);
  return deltas;
}

// The rows that win over blocks, by account.
class Overrides {
 public:
  explicit Overrides(const std::vector<Delta>& deltas) {
    for (const Delta& delta : deltas) {
      rows_.insert(delta.row_id);
      // Without the entitlement the key is a prefix of the row's: target and account are the first two parts, and
      // only native ids may hold a slash, so every prefix that could be the account is noted.
      for (std::size_t at = delta.row_id.find('/'); at != std::string::npos; at = delta.row_id.find('/', at + 1))
        accounts_.insert(delta.row_id.substr(0, at));
    }
  }
  bool touched(std::string_view target, const std::string& account) const {
    return !accounts_.empty() && accounts_.contains(account_key(target, account));
  }
  bool wins(const model::Decision& decision) const { return rows_.contains(model::row_id(decision)); }

 private:
  std::unordered_set<std::string> rows_, accounts_;
};

std::string block_prefix(const model::TargetName& target) {
  return "/" + target.str() + "/";
}

int bits_of_block(const std::string& id) {
  const std::size_t begin = id.find('/', 1) + 1;
  int bits = 0;
  std::from_chars(id.data() + begin, id.data() + id.size(), bits);
  return bits;
}

std::string block_id(const model::TargetName& target, int bits, const std::string& block) {
  return "/" + target.str() + "/" + std::to_string(bits) + "/" + block;
}

Status each_block(store::Snapshot& snapshot, const model::TargetName& target,
                  const std::function<Status(const store::Row&)>& take) {
  Status status;
  const std::string prefix = block_prefix(target);
  TENURE_CHECK_OK(snapshot.scan({.table = Table::kDecision, .after_id = prefix}, [&](const store::Row& row) {
    if (!row.id.starts_with(prefix)) return false;
    status = take(row);
    return status.has_value();
  }));
  return status;
}

// Of which anything is remembered: each found by looking behind the rows of the one before.
Result<std::vector<model::TargetName>> targets_of(store::Snapshot& snapshot) {
  std::set<model::TargetName> targets;
  for (const bool blocks : {true, false}) {
    std::string after = blocks ? "/" : "0";
    for (bool more = true; more;) {
      more = false;
      TENURE_CHECK_OK(
          snapshot.scan({.table = Table::kDecision, .after_id = after, .limit = 1}, [&](const store::Row& row) {
            const std::size_t begin = blocks ? 1 : 0;
            if (blocks != row.id.starts_with('/')) return false;
            const std::string target = row.id.substr(begin, row.id.find('/', begin) - begin);
            targets.emplace(target);
            after = (blocks ? "/" : "") + target + "0";  // behind everything that begins with the target and a slash
            return more = true;
          }));
    }
  }
  return std::vector<model::TargetName>(targets.begin(), targets.end());
}

bool before(const model::Decision& a, const model::Decision& b) {
  return std::tie(a.account, a.entitlement, a.parameters) < std::tie(b.account, b.entitlement, b.parameters);
}

// A target's plain decisions while they are folded.
class Folding {
 public:
  Folding(store::Snapshot& snapshot, const model::TargetName& target) : snapshot_(snapshot), target_(target) {}

  Result<std::vector<store::Write>> run(const std::vector<Delta>& deltas) {
    const Overrides overrides(deltas);
    TENURE_CHECK_OK(read_old(overrides));
    for (const Delta& delta : deltas) {
      if (delta.decision && !may_be_folded(*delta.decision)) continue;
      if (delta.decision) add(*delta.decision);
      writes_.push_back(
          {.table = Table::kDecision, .id = delta.row_id, .expected_version = delta.version, .erase = true});
    }
    const int bits = bits_for(accounts_.size(), old_bits_);
    std::map<std::string, std::vector<model::Decision>> blocks;
    for (auto& [account, decisions] : accounts_) {
      auto& block = blocks[block_of(model::NativeId(account), bits)];
      std::move(decisions.begin(), decisions.end(), std::back_inserter(block));
    }
    for (auto& [name, decisions] : blocks) put(block_id(target_, bits, name), decisions);
    for (const auto& [id, old] : old_)
      if (!kept_.contains(id))
        writes_.push_back({.table = Table::kDecision, .id = id, .expected_version = old.version, .erase = true});
    return std::move(writes_);
  }

 private:
  struct Old {
    std::int64_t version = 0;
    std::string body;
  };

  Status read_old(const Overrides& overrides) {
    GivenBlock block;
    return each_block(snapshot_, target_, [&](const store::Row& row) -> Status {
      TENURE_CHECK_OK(decode_given(row.body, block));
      old_bits_ = bits_of_block(row.id);
      for (model::Decision& decision : decisions_of(block, target_))
        if (!overrides.wins(decision)) add(std::move(decision));
      old_.emplace(row.id, Old{row.version, row.body});
      return {};
    });
  }

  void add(model::Decision decision) { accounts_[decision.account.id.str()].push_back(std::move(decision)); }

  void put(const std::string& id, std::vector<model::Decision>& decisions) {
    std::sort(decisions.begin(), decisions.end(), before);
    std::string body = encode_given(decisions);
    const auto old = old_.find(id);
    kept_.insert(id);
    if (old != old_.end() && old->second.body == body) return;
    store::Write write{.table = Table::kDecision, .id = id};
    write.expected_version = old == old_.end() ? store::kMustNotExist : old->second.version;
    write.index = {target_.str(), kBlock, 0};
    write.body = std::move(body);
    writes_.push_back(std::move(write));
  }

  store::Snapshot& snapshot_;
  const model::TargetName& target_;
  std::unordered_map<std::string, std::vector<model::Decision>> accounts_;
  std::map<std::string, Old> old_;
  std::unordered_set<std::string> kept_;
  int old_bits_ = -1;
  std::vector<store::Write> writes_;
};

}  // namespace

bool may_be_folded(const model::Decision& decision) {
  return decision.kind == model::DecisionKind::kGranted;
}

store::Write put_decision(const model::Decision& decision) {
  store::Write write{.table = Table::kDecision, .id = model::row_id(decision)};
  write.index = {decision.account.target.str(), std::string(model::name_of(decision.kind)),
                 decision.until == Time::never() ? 0 : decision.until.to_micros()};
  write.body = json::to_string(model::to_json(decision));
  return write;
}

store::Write end_decision(const std::string& row_id) {
  store::Write write{.table = Table::kDecision, .id = row_id};
  write.index = {row_id.substr(0, row_id.find('/')), kEnded, 0};
  write.body = "{}";
  return write;
}

Status visit_decisions(store::Snapshot& snapshot, const model::TargetName& target, const DecisionVisitor& visitor) {
  TENURE_TRY(std::vector<Delta> deltas, load_deltas(snapshot, target));
  const Overrides overrides(deltas);
  const auto touched = [&](const std::string& account) { return overrides.touched(target.str(), account); };
  const auto skip = [&](const std::string& account, const std::string& entitlement, const std::string& parameters) {
    model::Decision decision;
    decision.account = {target, model::NativeId(account)};
    decision.entitlement = model::EntitlementId(entitlement);
    decision.parameters = parameters;
    return overrides.wins(decision);
  };
  GivenBlock block;
  TENURE_CHECK_OK(each_block(snapshot, target, [&](const store::Row& row) {
    Status decoded = decode_given(row.body, block);
    if (decoded) visitor.many(block, touched, skip);
    return decoded;
  }));
  for (Delta& delta : deltas)
    if (delta.decision) visitor.one(std::move(*delta.decision));
  return {};
}

Result<std::vector<model::Decision>> load_decisions(store::Snapshot& snapshot) {
  TENURE_TRY(const std::vector<model::TargetName> targets, targets_of(snapshot));
  std::vector<model::Decision> all;
  for (const model::TargetName& target : targets) {
    DecisionVisitor visitor;
    visitor.one = [&](model::Decision decision) { all.push_back(std::move(decision)); };
    visitor.many = [&](const GivenBlock& block, const auto& touched, const auto& skip) {
      for (model::Decision& decision : decisions_of(block, target)) {
        const std::string& account = decision.account.id.str();
        if (touched(account) && skip(account, decision.entitlement.str(), decision.parameters)) continue;
        all.push_back(std::move(decision));
      }
    };
    TENURE_CHECK_OK(visit_decisions(snapshot, target, visitor));
  }
  std::sort(all.begin(), all.end(),
            [](const model::Decision& a, const model::Decision& b) { return model::row_id(a) < model::row_id(b); });
  return all;
}

Result<std::vector<store::Write>> fold_decisions(store::Snapshot& snapshot, const model::TargetName& target,
                                                 std::size_t least) {
  TENURE_TRY(const std::vector<Delta> deltas, load_deltas(snapshot, target));
  const auto foldable = std::count_if(deltas.begin(), deltas.end(), [](const Delta& delta) {
    return !delta.decision || may_be_folded(*delta.decision);
  });
  if (static_cast<std::size_t>(foldable) < std::max<std::size_t>(least, 1)) return std::vector<store::Write>();
  return Folding(snapshot, target).run(deltas);
}

}  // namespace tenure::runtime

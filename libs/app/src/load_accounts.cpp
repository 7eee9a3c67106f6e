#include "load_everyone.hpp"
#include "prefix_scan.hpp"
#include "text_list.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <unordered_map>

#include <tenure/base/json_scanner.hpp>
#include <tenure/model/identity_text.hpp>
#include <tenure/runtime/decisions.hpp>
#include <tenure/runtime/reader.hpp>

namespace tenure::app {
namespace {

using population::AccountIndex;
using population::AccountsLoader;
using population::Bitmap;
using population::Column;
using population::EntitlementIndex;
using population::Holders;
using population::kNobody;
using population::Pair;
using population::Parametric;
using runtime::GivenBlock;
using runtime::ObservedBlock;
using store::Table;

// Numbers of a block's list, as the population counts.
template <class Intern>
void translate(const std::vector<std::string>& texts, std::vector<std::uint32_t>& codes, Intern intern) {
  codes.clear();
  for (const std::string& text : texts) codes.push_back(intern(text));
}

// The last reading of one target.
class Reading {
 public:
  explicit Reading(AccountsLoader& loader) : loader_(loader) {}

  Status add(const ObservedBlock& block) {
    translate(block.classes, classes_, [&](const std::string& text) { return loader_.account_class(text); });
    translate(block.entitlements, entitlements_, [&](const std::string& text) { return loader_.entitlement(text); });
    translate(block.parameters, parameters_,
              [&](const std::string& text) { return text.empty() ? 0 : loader_.parameters(text); });
    std::vector<Attribute*> attributes;
    for (const std::string& name : block.attribute_names) attributes.push_back(&attributes_[name]);
    std::uint32_t attribute = 0, right = 0;
    std::vector<std::size_t> odd;
    for (const ObservedBlock::Account& account : block.accounts) {
      const auto row = static_cast<AccountIndex>(ids_.size());
      ids_.add(account.id);
      names_.add(account.name);
      class_of_.push_back(static_cast<std::uint16_t>(classes_[account.account_class]));
      purposes_.push_back(account.purpose);
      enabled_.push_back(account.enabled);
      for (; attribute < account.attributes_end; ++attribute) {
        const auto& one = block.attributes[attribute];
        TENURE_CHECK_OK(attributes[one.name]->put(row, one.value));
      }
      if (!account.incarnation.empty() || !account.restriction.empty() || several(block, right, account.rights_end))
        odd.push_back(static_cast<std::size_t>(&account - block.accounts.data()));
      for (; right < account.rights_end; ++right) {
        const Pair pair{entitlements_[block.rights[right].entitlement], row};
        pairs_.push_back(pair);
        if (const std::uint32_t parameters = parameters_[block.rights[right].parameters]; parameters != 0)
          parametric_.push_back({pair, parameters});
      }
    }
    if (odd.empty()) return {};
    TENURE_TRY(std::vector<model::AccountImage> images, images_of(block));
    for (const std::size_t index : odd) odd_.push_back(std::move(images[index]));
    return {};
  }

  void finish() {
    loader_.accounts(ids_.views(), names_.views());
    loader_.classes(class_of_);
    loader_.purposes(purposes_);
    Bitmap enabled(enabled_.size());
    for (std::size_t row = 0; row < enabled_.size(); ++row) enabled.assign(row, enabled_[row]);
    loader_.enabled(enabled);
    for (auto& [name, attribute] : attributes_) loader_.attribute(name, std::move(attribute).column(ids_.size()));
    std::size_t entitlements = 0;
    for (const Pair& pair : pairs_) entitlements = std::max(entitlements, std::size_t{pair.entitlement} + 1);
    loader_.observed(Holders::of(std::move(pairs_), entitlements), std::move(parametric_));
  }

  // What the loader of columns does not know: told one by one.
  void put_odd() {
    for (const model::AccountImage& image : odd_) loader_.put_image(image.account.id, image);
  }
  std::size_t accounts() const { return ids_.size(); }

 private:
  class Attribute {
   public:
    Status put(AccountIndex row, std::string_view value) {
      codes_.resize(std::size_t{row} + 1, Column::kAbsent);
      if (value.front() == '"' && value.find('\\') == std::string_view::npos) {
        codes_[row] = values_.intern_text(value.substr(1, value.size() - 2));
        return {};
      }
      TENURE_TRY(const json::Value parsed, json::parse(value));
      codes_[row] = values_.intern(parsed);
      return {};
    }
    Column column(std::size_t rows) && {
      codes_.resize(rows, Column::kAbsent);
      values_.resize(rows);
      values_.assign(codes_, {});
      return std::move(values_);
    }

   private:
    Column values_;
    std::vector<Column::Code> codes_;
  };

  // One right several times, with different parameters. REQUIRES: rights of an account are ordered.
  static bool several(const ObservedBlock& block, std::uint32_t first, std::uint32_t last) {
    for (std::uint32_t i = first; i + 1 < last; ++i)
      if (block.rights[i].entitlement == block.rights[i + 1].entitlement) return true;
    return false;
  }

  AccountsLoader& loader_;
  TextList ids_, names_;
  std::vector<std::uint16_t> class_of_;
  std::vector<model::Purpose> purposes_;
  std::vector<bool> enabled_;
  std::map<std::string, Attribute> attributes_;
  std::vector<Pair> pairs_;
  std::vector<Parametric> parametric_;
  std::vector<model::AccountImage> odd_;
  std::vector<std::uint32_t> classes_, entitlements_, parameters_;  // of the block at hand
};

// What Tenure gave in one target.
class Given {
 public:
  Given(AccountsLoader& loader, const model::TargetName& target, std::size_t accounts)
      : loader_(loader), target_(target), made_(accounts, kNobody) {}

  void add(const GivenBlock& block, const std::function<bool(const std::string&)>& touched,
           const runtime::DecisionVisitor::Skip& skip) {
    translate(block.entitlements, entitlements_,
              [&](const std::string& text) { return text.empty() ? kNobody : loader_.entitlement(text); });
    translate(block.parameters, parameters_,
              [&](const std::string& text) { return text.empty() ? 0 : loader_.parameters(text); });
    records_.clear();
    for (const model::Decision& record : block.records) records_.push_back(loader_.record(record));
    std::vector<std::string_view> ids;
    for (const GivenBlock::Account& account : block.accounts) ids.emplace_back(account.id);
    std::vector<AccountIndex> rows(ids.size());
    loader_.find(ids, rows);
    std::uint32_t right = 0;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const GivenBlock::Account& account = block.accounts[i];
      const bool ask = touched(account.id);
      for (const std::uint32_t first = right; right < account.rights_end; ++right) {
        const GivenBlock::Right& one = block.rights[right];
        if (ask && skip(account.id, block.entitlements[one.entitlement], block.parameters[one.parameters])) continue;
        const auto same = [&](std::uint32_t other) { return block.rights[other].entitlement == one.entitlement; };
        const bool several = (right > first && same(right - 1)) || (right + 1 < account.rights_end && same(right + 1));
        if (rows[i] == kNobody || several || !add(rows[i], one)) rest_.push_back(decision(block, account, one));
      }
    }
  }

  void finish() {
    loader_.made(made_);
    std::size_t entitlements = 0;
    for (const Right& right : rights_) entitlements = std::max(entitlements, std::size_t{right.pair.entitlement} + 1);
    // By entitlement; accounts come in the order of their rows already, unless blocks were divided differently.
    std::vector<std::uint64_t> offsets(entitlements + 1, 0);
    for (const Right& right : rights_) ++offsets[right.pair.entitlement + 1];
    std::partial_sum(offsets.begin(), offsets.end(), offsets.begin());
    std::vector<std::uint64_t> next(offsets.begin(), offsets.end());
    std::vector<Right> sorted(rights_.size());
    for (const Right& right : rights_) sorted[next[right.pair.entitlement]++] = right;
    rights_ = {};
    const auto by_pair = [](const Right& a, const Right& b) { return a.pair < b.pair; };
    if (!std::is_sorted(sorted.begin(), sorted.end(), by_pair)) std::sort(sorted.begin(), sorted.end(), by_pair);
    std::vector<AccountIndex> accounts;
    std::vector<std::uint32_t> records;
    accounts.reserve(sorted.size());
    records.reserve(sorted.size());
    for (const Right& right : sorted) {
      accounts.push_back(right.pair.account);
      records.push_back(right.record);
    }
    std::sort(parametric_.begin(), parametric_.end());
    loader_.given(Holders::sorted(std::move(offsets), std::move(accounts)), records, std::move(parametric_));
  }

  void put_rest() {
    for (const model::Decision& decision : rest_) loader_.put(decision);
  }

 private:
  struct Right {
    Pair pair;
    std::uint32_t record = 0;
  };

  // False: it is to be told one by one.
  bool add(AccountIndex row, const GivenBlock::Right& one) {
    const std::uint32_t record = records_[one.record], parameters = parameters_[one.parameters];
    const EntitlementIndex entitlement = entitlements_[one.entitlement];
    if (entitlement == kNobody) {
      if (parameters == 0) made_[row] = record;
      return parameters == 0;
    }
    rights_.push_back({{entitlement, row}, record});
    if (parameters != 0) parametric_.push_back({{{entitlement, row}, parameters}, record});
    return true;
  }

  model::Decision decision(const GivenBlock& block, const GivenBlock::Account& account,
                           const GivenBlock::Right& one) const {
    model::Decision decision = block.records[one.record];
    decision.account = {target_, model::NativeId(account.id)};
    decision.entitlement = model::EntitlementId(block.entitlements[one.entitlement]);
    decision.parameters = block.parameters[one.parameters];
    return decision;
  }

  AccountsLoader& loader_;
  const model::TargetName& target_;
  std::vector<std::uint32_t> made_;
  std::vector<Right> rights_;
  std::vector<std::pair<Parametric, std::uint32_t>> parametric_;
  std::vector<model::Decision> rest_;
  std::vector<std::uint32_t> entitlements_, parameters_, records_;  // of the block at hand
};

// Members of a claim's or a name's document; others are faults.
Result<model::Claim> read_claim(std::string_view document, const model::TargetName& target) {
  model::Claim claim;
  claim.account.target = target;
  json::Scanner scan(document);
  for (bool more = scan.open('{'); more; more = scan.next('}')) {
    const std::string_view key = scan.key();
    if (key == "identity") {
      claim.identity = model::IdentityId(scan.integer());
    } else if (key == "account") {
      claim.account.id = model::NativeId(std::string(scan.text()));
    } else if (key == "purpose") {
      const auto purpose = model::purpose_from(scan.text());
      if (!purpose) scan.fail();
      claim.purpose = purpose.value_or(model::Purpose::kNormal);
    } else if (key == "reason") {
      claim.reason = scan.text();
    } else if (key == "since") {
      TENURE_TRY(claim.since, model::time_from_text(scan.text()));
    } else if (key != "target" || scan.text() != target.str()) {
      scan.fail();
    }
  }
  if (scan.failed() || !scan.at_end()) return fail(Reason::kStoreCorrupt, "the document is damaged");
  return claim;
}

Result<model::NameTaken> read_name(std::string_view document, const model::TargetName& target) {
  model::NameTaken name;
  name.target = target;
  json::Scanner scan(document);
  for (bool more = scan.open('{'); more; more = scan.next('}')) {
    const std::string_view key = scan.key();
    if (key == "attribute") {
      name.attribute = scan.text();
    } else if (key == "identity") {
      name.identity = model::IdentityId(scan.integer());
    } else if (key == "name") {
      name.name = scan.text();
    } else if (key == "since") {
      TENURE_TRY(name.since, model::time_from_text(scan.text()));
    } else if (key != "target" || scan.text() != target.str()) {
      scan.fail();
    }
  }
  if (scan.failed() || !scan.at_end()) return fail(Reason::kStoreCorrupt, "the document is damaged");
  return name;
}

// Claims and names, a row each.
Status load_rows(store::Snapshot& snapshot, const model::TargetName& target, AccountsLoader& loader) {
  const std::string prefix = target.str() + "/";
  TENURE_CHECK_OK(scan_prefix(snapshot, Table::kClaim, prefix, [&](const store::Row& row) -> Status {
    const auto claim = read_claim(row.body, target);
    if (!claim) return damaged(Table::kClaim, row, claim.error());
    loader.put(*claim);
    return {};
  }));
  return scan_prefix(snapshot, Table::kName, prefix, [&](const store::Row& row) -> Status {
    const auto name = read_name(row.body, target);
    if (!name) return damaged(Table::kName, row, name.error());
    loader.put(*name);
    return {};
  });
}

}  // namespace

Status load_accounts(store::Snapshot& snapshot, const model::TargetName& target, AccountsLoader& loader) {
  Reading reading(loader);
  std::vector<std::pair<model::NativeId, std::optional<model::AccountImage>>> images;
  runtime::ObservationVisitor observed;
  observed.head = [&](const model::Observation* head) {
    if (head != nullptr) loader.reading(*head);
  };
  observed.many = [&](const ObservedBlock& block) { return reading.add(block); };
  observed.one = [&](const model::NativeId& account, std::optional<model::AccountImage> image) {
    images.emplace_back(account, std::move(image));
  };
  TENURE_CHECK_OK(runtime::visit_observation(snapshot, target, observed));
  reading.finish();

  Given given(loader, target, reading.accounts());
  std::vector<model::Decision> decisions;
  runtime::DecisionVisitor decided;
  decided.many = [&](const GivenBlock& block, const auto& touched, const auto& skip) {
    given.add(block, touched, skip);
  };
  decided.one = [&](model::Decision decision) { decisions.push_back(std::move(decision)); };
  TENURE_CHECK_OK(runtime::visit_decisions(snapshot, target, decided));
  given.finish();
  loader.finish();

  reading.put_odd();
  for (const auto& [account, image] : images) loader.put_image(account, image);
  given.put_rest();
  for (const model::Decision& decision : decisions) loader.put(decision);
  TENURE_CHECK_OK(load_rows(snapshot, target, loader));
  loader.settle();
  return {};
}

}  // namespace tenure::app

#include "config.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include <sys/stat.h>

#include <tenure/base/file.hpp>
#include <tenure/base/text.hpp>
#include <tenure/connector/verify.hpp>
#include <tenure/connector_exchange/exchange.hpp>
#include <tenure/csv/csv.hpp>

namespace tenure::connector_exchange {
namespace {

using connector::Call;
using connector::PreflightFault;

connector::Manifest exchange_manifest(Duration max_age) {
  connector::Manifest out;
  out.connector = "exchange";
  out.title = "Systems without an interface, through files that they export";
  out.reads_accounts = true;
  out.manual = true;
  out.create_class = connector::OperationClass::kE;
  out.consistency_lag = max_age;
  out.proofs.configuration = true;
  out.rights_needed = {"read the folder of the exported files"};
  const std::string why = "the system has no interface: a person carries out the work order, the next export proves it";
  out.unsupported = {{"write accounts", why},
                     {"write grants", why},
                     {"list and end sessions", "an export does not tell who is logged in"},
                     {"prove that a login is refused", "nothing can be asked of the system"}};
  return out;
}

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

struct Row {
  const csv::Rows* rows;
  std::size_t index;

  std::uint32_t line() const { return rows->line(index); }
  std::string_view field(int column) const { return rows->field(index, static_cast<std::size_t>(column)); }
};

struct Export {
  std::string text;  // what the table's fields are views of
  csv::Table table;
  Time written;

  // Calls visit for every record until it fails.
  Status each(const std::function<Status(const Row&)>& visit) const {
    for (const csv::Rows& rows : table.batches)
      for (std::size_t r = 0; r < rows.size(); ++r) TENURE_CHECK_OK(visit({&rows, r}));
    return {};
  }
};

std::optional<struct stat> status_of(const std::string& path) {
  struct stat out{};
  if (::stat(path.c_str(), &out) != 0) return std::nullopt;
  return out;
}

Time written_at(const struct stat& status) {
  return Time::from_micros(static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1'000'000 +
                           status.st_mtim.tv_nsec / 1000);
}

// A file that proves what is absent must end with a line end: its last field may have lost its tail otherwise.
Result<csv::Table> parse_whole(std::string_view bytes, const std::string& path, char separator) {
  csv::Table out = csv::parse(bytes, path, separator);
  if (!out.faults.empty()) {
    const csv::Fault& first = out.faults.front();
    const bool partial = first.kind == csv::FaultKind::kEmpty || first.kind == csv::FaultKind::kTruncated;
    return fail(partial ? Reason::kTargetPartial : Reason::kTargetProtocol,
                first.place.to_string() + ": " + first.what + "; expected: " + first.expected);
  }
  if (out.open_ended) return fail(Reason::kTargetPartial, out.end.to_string() + ": the file ends without a line end");
  return out;
}

// One whole file that is recent enough. Errors: kTargetUnreachable (not there), kTargetPartial (too old, still being
// written, cut off, empty), kTargetProtocol.
Result<Export> read_export(const Config& config, const std::string& path, Time now) {
  const auto before = status_of(path);
  if (!before) return fail(Reason::kTargetUnreachable, path + " is not there", Effect::kNone, Retry::kLater);
  Export out;
  out.written = written_at(*before);
  if (now - out.written > config.max_age)
    return fail(Reason::kTargetPartial,
                path + " was written at " + out.written.to_rfc3339() + ", longer ago than max_age " +
                    config.max_age.to_string(),
                Effect::kNone, Retry::kLater);
  if (config.settled > Duration() && now - out.written < config.settled)
    return fail(Reason::kTargetPartial, path + " was written less than " + config.settled.to_string() + " ago",
                Effect::kNone, Retry::kLater);
  auto text = read_file(path);
  if (!text) return fail(Reason::kTargetUnreachable, path + " cannot be read", Effect::kNone, Retry::kLater);
  const auto after = status_of(path);
  if (!after || after->st_ino != before->st_ino || after->st_size != before->st_size ||
      written_at(*after) != out.written || static_cast<std::size_t>(after->st_size) != text->size())
    return fail(Reason::kTargetPartial, path + " changed while it was read", Effect::kNone, Retry::kLater);
  out.text = std::move(*text);
  out.text.reserve(sizeof out.text);  // not in the string itself: the table's views do not move with it
  TENURE_TRY(out.table, parse_whole(out.text, path, config.separator));
  // An export without a single record is a failed export until somebody says otherwise.
  if (out.table.records == 0)
    return fail(Reason::kTargetPartial, path + " has no record", Effect::kNone, Retry::kLater);
  return out;
}

Result<int> column_of(const csv::Table& table, const std::string& name, const std::string& file) {
  const int index = table.column(name);
  if (index < 0) return fail(Reason::kTargetProtocol, file + ":1:1: the column " + name + " is missing");
  return index;
}

std::string place(const std::string& file, const Row& row) {
  return file + ":" + std::to_string(row.line()) + ": ";
}

// All accounts of the file, in its order; those of no class are in `outside`.
struct Accounts {
  std::vector<model::Account> accounts;
  std::unordered_set<std::string> outside;
  Time written;
};

class AccountTable {
 public:
  AccountTable(const Config& config, const csv::Table& table) : config_(config), table_(table) {}

  Status bind() {
    TENURE_TRY(key_, column_of(table_, config_.key, config_.accounts_file));
    TENURE_TRY(name_, column_of(table_, config_.name, config_.accounts_file));
    if (!config_.state.empty()) {
      TENURE_TRY(state_, column_of(table_, config_.state, config_.accounts_file));
    }
    for (const auto& one : config_.classes) {
      Bound bound{&one, -1, {}};
      if (!one.where_column.empty()) {
        TENURE_TRY(bound.where, column_of(table_, one.where_column, config_.accounts_file));
      }
      for (const auto& [attribute, column] : one.attributes) {
        TENURE_TRY(const int index, column_of(table_, column, config_.accounts_file));
        bound.attributes.push_back(index);
      }
      classes_.push_back(std::move(bound));
    }
    return {};
  }

  // nullopt: of no class.
  Result<std::optional<model::Account>> account(const Row& row) const {
    model::Account out;
    out.id = model::NativeId(std::string(row.field(key_)));
    out.name = row.field(name_);
    if (out.id.empty() || out.name.empty())
      return fail(Reason::kTargetProtocol, place(config_.accounts_file, row) + "a record without key or name");
    if (state_ >= 0) {
      const std::string state(row.field(state_));
      out.enabled = contains(config_.enabled, state);
      // A state nobody explained is neither: taking it for disabled would prove ends that never came.
      if (!out.enabled && !contains(config_.disabled, state))
        return fail(Reason::kTargetProtocol, place(config_.accounts_file, row) + "the state \"" + state + "\" of " +
                                                 out.id.str() + " is neither in enabled nor in disabled");
      if (!out.enabled) out.restriction = state;
    }
    for (const auto& bound : classes_) {
      if (bound.where >= 0 && !contains(bound.config->where_values, std::string(row.field(bound.where)))) continue;
      out.account_class = bound.config->name;
      out.purpose = bound.config->purpose;
      for (std::size_t i = 0; i < bound.attributes.size(); ++i)
        out.attributes.emplace(bound.config->attributes[i].first, std::string(row.field(bound.attributes[i])));
      return std::optional(std::move(out));
    }
    return std::optional<model::Account>();
  }

  std::string key(const Row& row) const { return std::string(row.field(key_)); }

 private:
  struct Bound {
    const ClassConfig* config;
    int where;
    std::vector<int> attributes;
  };
  const Config& config_;
  const csv::Table& table_;
  int key_ = -1;
  int name_ = -1;
  int state_ = -1;
  std::vector<Bound> classes_;
};

Result<Accounts> read_accounts(const Config& config, Time now) {
  TENURE_TRY(const Export file, read_export(config, config.accounts_file, now));
  AccountTable table(config, file.table);
  TENURE_CHECK_OK(table.bind());
  Accounts out;
  out.written = file.written;
  std::unordered_map<std::string, std::uint32_t> seen;
  TENURE_CHECK_OK(file.each([&](const Row& row) -> Status {
    const auto [first, fresh] = seen.emplace(table.key(row), row.line());
    if (!fresh)
      return fail(Reason::kTargetProtocol, place(config.accounts_file, row) + "the key " + table.key(row) +
                                               " stands in line " + std::to_string(first->second) + " too");
    TENURE_TRY(auto account, table.account(row));
    if (account)
      out.accounts.push_back(std::move(*account));
    else
      out.outside.insert(table.key(row));
    return {};
  }));
  return out;
}

struct Grants {
  std::vector<model::Grant> grants;  // of accounts that may not be there
  Time written;
};

Result<Grants> read_grants(const Config& config, Time now) {
  TENURE_TRY(const Export file, read_export(config, config.grants_file, now));
  TENURE_TRY(const int account, column_of(file.table, config.grant_account, config.grants_file));
  TENURE_TRY(const int entitlement, column_of(file.table, config.grant_entitlement, config.grants_file));
  std::vector<int> parameters;
  for (const auto& name : config.grant_parameters) {
    TENURE_TRY(const int index, column_of(file.table, name, config.grants_file));
    parameters.push_back(index);
  }
  Grants out;
  out.written = file.written;
  TENURE_CHECK_OK(file.each([&](const Row& row) -> Status {
    model::Grant grant;
    grant.holder.account = model::NativeId(std::string(row.field(account)));
    grant.entitlement = model::EntitlementId(std::string(row.field(entitlement)));
    if (grant.holder.account.empty() || grant.entitlement.empty())
      return fail(Reason::kTargetProtocol, place(config.grants_file, row) + "a record without account or entitlement");
    if (config.ignored.contains(grant.entitlement)) return {};
    json::Object object;
    for (std::size_t i = 0; i < parameters.size(); ++i)
      if (const std::string_view value = row.field(parameters[i]); !value.empty())
        object.emplace(config.grant_parameters[i], std::string(value));
    if (!object.empty()) grant.parameters = json::to_string(object);
    out.grants.push_back(std::move(grant));
    return {};
  }));
  std::sort(out.grants.begin(), out.grants.end());
  // A permit that is listed twice is one permit.
  out.grants.erase(std::unique(out.grants.begin(), out.grants.end()), out.grants.end());
  return out;
}

class ExchangeConnection final : public connector::Connection, private connector::AccountReader {
 public:
  ExchangeConnection(Config config, const Clock& clock)
      : config_(std::move(config)), manifest_(exchange_manifest(config_.max_age)), clock_(&clock) {}

  const connector::Manifest& manifest() const override { return manifest_; }
  connector::AccountReader* account_reader() override { return this; }

  Result<std::vector<PreflightFault>> preflight(const Call&) override {
    std::vector<PreflightFault> faults;
    if (const auto accounts = read_accounts(config_, clock_->now()); !accounts)
      faults.push_back({"the file of accounts", accounts.error().message()});
    if (const auto grants = read_grants(config_, clock_->now()); !grants)
      faults.push_back({"the file of grants", grants.error().message()});
    return faults;
  }

 private:
  Result<model::Observation> read_all(const Call&) override {
    const Time now = clock_->now();
    model::Observation out;
    out.target = config_.target;
    out.read_at = now;
    std::vector<std::string> reasons;
    auto accounts = read_accounts(config_, now);
    auto grants = read_grants(config_, now);
    if (accounts) {
      out.read_at = std::min(out.read_at, accounts->written);
      out.accounts = std::move(accounts->accounts);
    } else {
      for (const auto& one : config_.classes) out.coverage.unknown.push_back(one.name);
      reasons.push_back(accounts.error().message());
    }
    if (grants) out.read_at = std::min(out.read_at, grants->written);
    if (!grants || !accounts) out.coverage.unknown.emplace_back("entitlements");
    if (!grants) reasons.push_back(grants.error().message());
    if (accounts && grants) join_grants(*accounts, *grants, out, reasons);
    out.coverage.complete = out.coverage.unknown.empty();
    out.coverage.reason = join(reasons, "; ");
    out.sort();
    return out;
  }

  void join_grants(const Accounts& accounts, Grants& grants, model::Observation& out,
                   std::vector<std::string>& reasons) const {
    std::unordered_set<std::string> known;
    for (const auto& account : out.accounts) known.insert(account.id.str());
    std::unordered_set<std::string> entitlements;
    std::size_t dangling = 0;
    for (auto& grant : grants.grants) {
      const std::string& holder = grant.holder.account.str();
      if (entitlements.insert(grant.entitlement.str()).second)
        out.entitlements.push_back({grant.entitlement, grant.entitlement.str()});
      if (known.contains(holder))
        out.grants.push_back(std::move(grant));
      else if (!accounts.outside.contains(holder))
        ++dangling;
    }
    if (dangling > 0)
      reasons.push_back(std::to_string(dangling) + " grant(s) in " + config_.grants_file +
                        " of accounts that are not in " + config_.accounts_file);
  }

  // Absent means: the file is whole and recent, and the account is not in it.
  Result<std::optional<model::AccountImage>> find(const std::function<bool(const model::Account&)>& wanted) {
    const Time now = clock_->now();
    TENURE_TRY(auto accounts, read_accounts(config_, now));
    TENURE_TRY(auto grants, read_grants(config_, now));
    const auto found = std::find_if(accounts.accounts.begin(), accounts.accounts.end(), wanted);
    if (found == accounts.accounts.end()) return std::optional<model::AccountImage>();
    model::AccountImage out{std::move(*found), {}};
    for (auto& grant : grants.grants)
      if (grant.holder.account == out.account.id) out.grants.push_back(std::move(grant));
    return std::optional(std::move(out));
  }

  Result<std::optional<model::AccountImage>> read_account(const Call&, const model::NativeId& id) override {
    return find([&](const model::Account& account) { return account.id == id; });
  }
  Result<std::optional<model::AccountImage>> find_account(const Call&, const std::string& account_class,
                                                          const std::string& name) override {
    return find(
        [&](const model::Account& account) { return account.account_class == account_class && account.name == name; });
  }

  const Config config_;
  const connector::Manifest manifest_;
  const Clock* clock_;
};

class ExchangeConnector final : public connector::Connector {
 public:
  explicit ExchangeConnector(const Clock& clock) : clock_(&clock) {}
  const connector::Manifest& manifest() const override { return manifest_; }
  void check(const connector::Settings& settings, const Place& where, Diagnostics& diagnostics) const override {
    read_config(settings, where, diagnostics);
  }
  Result<std::unique_ptr<connector::Connection>> open(const connector::Settings& settings,
                                                      connector::SecretSource&) const override {
    Diagnostics diagnostics;
    Config config = read_config(settings, {}, diagnostics);
    if (diagnostics.has_errors()) return fail(diagnostics.to_error());
    return std::make_unique<ExchangeConnection>(std::move(config), *clock_);
  }

 private:
  const connector::Manifest manifest_ = exchange_manifest(Duration::hours(26));
  const Clock* clock_;
};

}  // namespace

std::unique_ptr<connector::Connector> make_exchange_connector(const Clock& clock) {
  return std::make_unique<ExchangeConnector>(clock);
}

}  // namespace tenure::connector_exchange

// The contract between Tenure and one connected system.
//
// A Connection is one configured instance of a connector. What it implements is its capability list: each capability is
// a small interface that the connection returns or does not (nullptr), and the manifest says why not. Calls block and
// are made from a worker thread; one connection is used by one thread at a time, several connections may exist per
// target.
//
// Rules that every implementation keeps:
//  - A failure says what is true of the target (Effect). Effect::kNone only when it is *known* that nothing happened; a
//    timeout or a broken connection during a write is kUnknown. Partial results are errors (kTargetPartial), or are
//    declared in Coverage; they are never "the list".
//  - Every mutating verb reads back from the target after writing and returns what it read. It never returns what it
//    sent. An answer "200 OK" with an unchanged read-back is the error kTargetUnverified, effect kUnknown.
//  - "Already so" is success, proven by the read-back.
//  - No caching between calls; no retry loop inside a call beyond one reconnect before anything was sent.
//  - No secret value in errors, manifests or logs (T14).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tenure/base/diagnostic.hpp>
#include <tenure/base/json.hpp>
#include <tenure/base/time.hpp>
#include <tenure/base/workers.hpp>
#include <tenure/connector/manifest.hpp>
#include <tenure/model/access.hpp>
#include <tenure/model/feed_rows.hpp>

namespace tenure::connector {

// What a caller gives with every call. The deadline is absolute for the call: the connection closes its socket rather
// than outlive it.
struct Call {
  Duration timeout = Duration::seconds(30);
  std::string idempotency_key;  // id of the change; sent where the target understands one
};

// --- reading -----------------------------------------------------------------------------------------------------

class AccountReader {
 public:
  virtual ~AccountReader() = default;
  // Everything in scope, ordered (Observation::sort). Classes that could not be read are named in its coverage; an
  // error means nothing of it may be used.
  virtual Result<model::Observation> read_all(const Call& call) = 0;
  // Fresh from the target. nullopt = proven absent (a definite answer, not a failure to find).
  virtual Result<std::optional<model::AccountImage>> read_account(const Call& call, const model::NativeId& id) = 0;
  // By login name within an account class; for the read-back of a create whose outcome is unknown (operation class B).
  virtual Result<std::optional<model::AccountImage>> find_account(const Call& call, const std::string& account_class,
                                                                  const std::string& name) = 0;
};

// --- writing -----------------------------------------------------------------------------------------------------

struct AccountDraft {
  std::string account_class;
  model::Purpose purpose = model::Purpose::kNormal;
  std::string name;  // natural key: a second create with the same name finds the first
  model::AttributeMap attributes;
  bool enabled = true;
};

class AccountWriter {
 public:
  virtual ~AccountWriter() = default;
  // kTargetObjectExists when an account with this name is there and is not what the draft describes.
  virtual Result<model::AccountImage> create(const Call& call, const AccountDraft& draft) = 0;
  virtual Result<model::AccountImage> update(const Call& call, const model::NativeId& id,
                                             const model::AttributeMap& attributes) = 0;
  virtual Result<model::AccountImage> set_enabled(const Call& call, const model::NativeId& id, bool enabled) = 0;
  // On return the account is proven absent.
  virtual Status remove(const Call& call, const model::NativeId& id) = 0;
};

class GrantWriter {
 public:
  virtual ~GrantWriter() = default;
  // After grant() the image holds (entitlement, parameters); after revoke() it does not hold the entitlement.
  virtual Result<model::AccountImage> grant(const Call& call, const model::NativeId& id,
                                            const model::EntitlementId& entitlement,
                                            const model::Parameters& parameters) = 0;
  virtual Result<model::AccountImage> revoke(const Call& call, const model::NativeId& id,
                                             const model::EntitlementId& entitlement,
                                             const model::Parameters& parameters) = 0;
};

class SessionControl {
 public:
  virtual ~SessionControl() = default;
  // Sessions of the account, looked up by its stable id (a session may outlive a rename or a delete).
  virtual Result<std::vector<model::Session>> list_sessions(const Call& call, const model::NativeId& id) = 0;
  // Ends all of them and lists again; what is returned is what is still there (empty = proven zero).
  virtual Result<std::vector<model::Session>> end_sessions(const Call& call, const model::NativeId& id) = 0;
};

// --- feeds -------------------------------------------------------------------------------------------------------

struct Feed {
  std::string digest;  // "sha256:..." of the bytes that were read
  std::vector<std::string> columns;
  std::shared_ptr<const model::FeedRows> rows;  // before any mapping; never null in an answer
  bool complete = false;                        // full export read to its proper end
  // The file ends with the last record and no line break after it. Formats allow that, and a file that was cut off
  // there looks the same: whoever concludes something from what is missing has to know.
  bool open_ended = false;
};

struct FeedRequest {
  std::string file;                   // as configured, resolved by the caller
  std::vector<std::string> required;  // columns that must be there
  Workers* workers = &own_thread();   // who may share the reading
};

class FeedReader {
 public:
  virtual ~FeedReader() = default;
  // All faults go to `diagnostics` (file, line, column), the first does not hide the tenth. Returns an error when the
  // feed as a whole cannot be used (empty, truncated, wrong encoding, missing column); nothing of it may be used then.
  virtual Result<Feed> read_feed(const FeedRequest& request, Diagnostics& diagnostics) = 0;
};

// --- the connection ----------------------------------------------------------------------------------------------

struct PreflightFault {
  std::string right;  // what is missing: "pg_signal_backend", "write access to ou=groups"
  std::string why;    // what it is needed for
};

class Connection {
 public:
  virtual ~Connection() = default;
  virtual const Manifest& manifest() const = 0;
  // How long the target asked to wait in its last answer (Retry-After); zero = it did not. Goes with kTargetThrottled.
  virtual Duration retry_after() const { return {}; }
  // Proves reachability, credentials and the rights it needs, without changing anything. Faults are rights that lack.
  virtual Result<std::vector<PreflightFault>> preflight(const Call& call) = 0;
  virtual AccountReader* account_reader() { return nullptr; }
  virtual AccountWriter* account_writer() { return nullptr; }
  virtual GrantWriter* grant_writer() { return nullptr; }
  virtual SessionControl* session_control() { return nullptr; }
  virtual FeedReader* feed_reader() { return nullptr; }
};

// Looks up a secret by its reference ("env:LEDGER_PASSWORD", "file:secrets/ledger"). Thread-safe. Error kSecretMissing
// names the reference, never the value.
class SecretSource {
 public:
  virtual ~SecretSource() = default;
  virtual Result<std::string> secret(const std::string& reference) = 0;
};

// Account classes and attributes as the target document declares them; the same for every connector.
struct AccountClass {
  std::string name;
  model::Purpose purpose = model::Purpose::kNormal;
  model::Scope scope = model::Scope::kObserved;
  json::Value config;                   // the connector's own settings of this class (base DN, filter, ...)
  std::vector<std::string> attributes;  // to read and, if managed, to write
};

struct Settings {
  model::TargetName target;
  json::Value config;  // the connector's own settings; secrets only as references
  std::vector<AccountClass> classes;
  std::vector<model::EntitlementId> ignored;  // entitlements not read at all
  std::string base_folder;                    // relative paths in config are relative to this
};

// A connector: checks settings without connecting (all faults as diagnostics), then opens connections.
class Connector {
 public:
  virtual ~Connector() = default;
  virtual const Manifest& manifest() const = 0;
  virtual void check(const Settings& settings, const Place& place, Diagnostics& diagnostics) const = 0;
  // Does not connect yet; the first call does.
  virtual Result<std::unique_ptr<Connection>> open(const Settings& settings, SecretSource& secrets) const = 0;
};

}  // namespace tenure::connector

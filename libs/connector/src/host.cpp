#include <algorithm>

#include <tenure/base/text.hpp>
#include <tenure/connector/host.hpp>
#include <tenure/connector/verify.hpp>

namespace tenure::connector {
namespace {

std::unexpected<Error> hostile(std::string what) {
  return fail(Reason::kTargetProtocol, std::move(what));
}

// An id may end up in messages: only its beginning, and only if it is text.
std::string shown(const std::string& text) {
  if (!is_utf8(text)) return "(not text)";
  return text.size() <= 80 ? "\"" + text + "\"" : "(a text of " + std::to_string(text.size()) + " bytes)";
}

Status check_text(const std::string& text, const char* what, std::size_t most) {
  if (text.size() > most)
    return hostile(std::string(what) + " has " + std::to_string(text.size()) + " bytes, the limit is " +
                   std::to_string(most));
  if (!is_utf8(text)) return hostile(std::string(what) + " is not UTF-8");
  return {};
}

Status check_id(const std::string& text, const char* what, const HostLimits& limits) {
  if (text.empty()) return hostile(std::string(what) + " is empty");
  return check_text(text, what, limits.id_bytes);
}

Status check_value(const json::Value& value, const std::string& name, const HostLimits& limits, int depth) {
  if (value.is_object() || depth > 1) return hostile("the attribute " + shown(name) + " is neither a value nor a list");
  if (value.is_string()) return check_text(value.as_string(), "an attribute value", limits.text_bytes);
  if (value.is_array()) {
    if (value.as_array().size() < 2) return hostile("the attribute " + shown(name) + " is a list of fewer than two");
    for (const auto& element : value.as_array()) TENURE_CHECK_OK(check_value(element, name, limits, depth + 1));
  }
  return {};
}

Status check_account(const model::Account& account, const Settings& settings, const HostLimits& limits) {
  TENURE_CHECK_OK(check_id(account.id.str(), "an account's id", limits));
  TENURE_CHECK_OK(check_id(account.name, "an account's name", limits));
  TENURE_CHECK_OK(check_text(account.incarnation, "an incarnation", limits.id_bytes));
  TENURE_CHECK_OK(check_text(account.restriction, "a restriction", limits.id_bytes));
  const auto declared =
      std::find_if(settings.classes.begin(), settings.classes.end(),
                   [&](const AccountClass& candidate) { return candidate.name == account.account_class; });
  if (declared == settings.classes.end())
    return hostile("account " + shown(account.id.str()) + " is of the class " + shown(account.account_class) +
                   ", which the target document does not declare");
  if (account.purpose != declared->purpose)
    return hostile("account " + shown(account.id.str()) + " has another purpose than its class");
  if (account.enabled && !account.restriction.empty())
    return hostile("account " + shown(account.id.str()) + " is enabled and restricted at once");
  if (account.attributes.size() > limits.attributes)
    return hostile("account " + shown(account.id.str()) + " has " + std::to_string(account.attributes.size()) +
                   " attributes, the limit is " + std::to_string(limits.attributes));
  for (const auto& [name, value] : account.attributes) {
    TENURE_CHECK_OK(check_id(name, "an attribute's name", limits));
    TENURE_CHECK_OK(check_value(value, name, limits, 0));
  }
  return {};
}

Status check_parameters(const model::Parameters& parameters, const HostLimits& limits) {
  if (parameters.empty()) return {};
  TENURE_CHECK_OK(check_text(parameters, "a grant's parameters", limits.text_bytes));
  const auto value = json::parse(parameters);
  if (!value || !value->is_object() || value->as_object().empty())
    return hostile("a grant's parameters are no JSON object with members");
  const auto canonical = json::canonical(*value);
  if (!canonical || *canonical != parameters) return hostile("a grant's parameters are not in canonical form");
  return {};
}

Status check_coverage(const model::Coverage& coverage, const HostLimits& limits) {
  TENURE_CHECK_OK(check_text(coverage.reason, "the reason of a coverage", limits.text_bytes));
  if (coverage.complete && !coverage.unknown.empty())
    return hostile("a coverage is complete and names what is unknown");
  if (!coverage.complete && (coverage.unknown.empty() || coverage.reason.empty()))
    return hostile("a coverage is not complete and does not say what is unknown and why");
  for (const auto& what : coverage.unknown) TENURE_CHECK_OK(check_id(what, "an unknown part", limits));
  return {};
}

Status check_sizes(const model::Observation& observation, const HostLimits& limits) {
  const auto check = [](std::size_t count, std::size_t most, const char* what) -> Status {
    if (count > most)
      return hostile("a reading has " + std::to_string(count) + " " + what + ", the limit is " + std::to_string(most));
    return {};
  };
  TENURE_CHECK_OK(check(observation.accounts.size(), limits.accounts, "accounts"));
  TENURE_CHECK_OK(check(observation.entitlements.size(), limits.entitlements, "entitlements"));
  return check(observation.grants.size(), limits.grants, "grants");
}

// REQUIRES: entitlements ordered.
bool has_entitlement(const model::Observation& observation, const model::EntitlementId& id) {
  const auto at = std::lower_bound(observation.entitlements.begin(), observation.entitlements.end(), id,
                                   [](const model::ObservedEntitlement& entitlement,
                                      const model::EntitlementId& wanted) { return entitlement.id < wanted; });
  return at != observation.entitlements.end() && at->id == id;
}

Status check_grants(const model::Observation& observation, const HostLimits& limits) {
  const model::Grant* previous = nullptr;
  for (const auto& grant : observation.grants) {
    if (previous != nullptr && *previous >= grant) return hostile("the grants are not ordered, or one stands twice");
    previous = &grant;
    TENURE_CHECK_OK(check_parameters(grant.parameters, limits));
    if (grant.holder.account.empty() == grant.holder.entitlement.empty())
      return hostile("a grant is not held by exactly one account or entitlement");
    if (!has_entitlement(observation, grant.entitlement))
      return hostile("a grant names the entitlement " + shown(grant.entitlement.str()) + ", which was not read");
    if (grant.holder.account.empty()) {
      if (!has_entitlement(observation, grant.holder.entitlement))
        return hostile("a grant is held by the entitlement " + shown(grant.holder.entitlement.str()) +
                       ", which was not read");
    } else if (observation.find_account(grant.holder.account) == nullptr) {
      return hostile("a grant is held by the account " + shown(grant.holder.account.str()) + ", which was not read");
    }
  }
  return {};
}

class CheckedConnection final : public Connection,
                                private AccountReader,
                                private AccountWriter,
                                private GrantWriter,
                                private SessionControl,
                                private FeedReader {
 public:
  CheckedConnection(std::unique_ptr<RememberingSecrets> secrets, std::unique_ptr<Connection> inner,
                    const Settings& settings, const Clock& clock, const HostLimits& limits,
                    std::shared_ptr<Scrubber> scrubber)
      : secrets_(std::move(secrets)),
        inner_(std::move(inner)),
        settings_(settings),
        clock_(&clock),
        limits_(limits),
        scrubber_(std::move(scrubber)) {}

  const Manifest& manifest() const override { return inner_->manifest(); }
  Duration retry_after() const override { return inner_->retry_after(); }

  Result<std::vector<PreflightFault>> preflight(const Call& call) override {
    return checked("preflight", inner_->preflight(call));
  }

  AccountReader* account_reader() override { return inner_->account_reader() != nullptr ? this : nullptr; }
  AccountWriter* account_writer() override { return inner_->account_writer() != nullptr ? this : nullptr; }
  GrantWriter* grant_writer() override { return inner_->grant_writer() != nullptr ? this : nullptr; }
  SessionControl* session_control() override { return inner_->session_control() != nullptr ? this : nullptr; }
  FeedReader* feed_reader() override { return inner_->feed_reader() != nullptr ? this : nullptr; }

 private:
  // --- AccountReader
  Result<model::Observation> read_all(const Call& call) override {
    const Time began = clock_->now();
    auto observation = inner_->account_reader()->read_all(call);
    if (observation) {
      // A connector that reads something older than the call (an exported file) says how old.
      if (observation->read_at == Time() || observation->read_at > began) observation->read_at = began;
      if (auto status = check_observation(*observation, settings_, limits_); !status)
        return refuse("read all", std::move(status).error());
    }
    return checked("read all", std::move(observation));
  }

  Result<std::optional<model::AccountImage>> read_account(const Call& call, const model::NativeId& id) override {
    auto image = inner_->account_reader()->read_account(call, id);
    if (image && *image) {
      if (auto status = check_named(**image, id); !status) return refuse("read account", std::move(status).error());
    }
    return checked("read account", std::move(image));
  }

  Result<std::optional<model::AccountImage>> find_account(const Call& call, const std::string& account_class,
                                                          const std::string& name) override {
    auto image = inner_->account_reader()->find_account(call, account_class, name);
    if (image && *image) {
      if (auto status = check_image(**image, settings_, limits_); !status)
        return refuse("find account", std::move(status).error());
      if ((*image)->account.account_class != account_class || ascii_lower((*image)->account.name) != ascii_lower(name))
        return refuse("find account",
                      Error(Reason::kTargetProtocol, "another account than the one asked for came back"));
    }
    return checked("find account", std::move(image));
  }

  // --- AccountWriter
  Result<model::AccountImage> create(const Call& call, const AccountDraft& draft) override {
    return after_write("create account", inner_->account_writer()->create(call, draft), nullptr,
                       [&](const model::AccountImage& image) { return difference(image, draft); });
  }

  Result<model::AccountImage> update(const Call& call, const model::NativeId& id,
                                     const model::AttributeMap& attributes) override {
    return after_write("update account", inner_->account_writer()->update(call, id, attributes), &id,
                       [&](const model::AccountImage& image) { return difference(image, attributes); });
  }

  Result<model::AccountImage> set_enabled(const Call& call, const model::NativeId& id, bool enabled) override {
    return after_write(enabled ? "enable account" : "disable account",
                       inner_->account_writer()->set_enabled(call, id, enabled), &id,
                       [&](const model::AccountImage& image) -> std::optional<std::string> {
                         if (image.account.enabled == enabled) return std::nullopt;
                         return std::string("the account is ") + (enabled ? "not enabled" : "still enabled");
                       });
  }

  Status remove(const Call& call, const model::NativeId& id) override {
    auto status = inner_->account_writer()->remove(call, id);
    if (status && inner_->account_reader() != nullptr) {
      auto image = inner_->account_reader()->read_account(call, id);
      if (!image)
        return refuse("remove account",
                      std::move(image).error().add_context("reading back").with_effect(Effect::kUnknown));
      if (*image) return refuse("remove account", unverified("the account is still there").error());
    }
    return checked("remove account", std::move(status));
  }

  // --- GrantWriter
  Result<model::AccountImage> grant(const Call& call, const model::NativeId& id,
                                    const model::EntitlementId& entitlement,
                                    const model::Parameters& parameters) override {
    return after_write("grant", inner_->grant_writer()->grant(call, id, entitlement, parameters), &id,
                       [&](const model::AccountImage& image) -> std::optional<std::string> {
                         if (holds(image, entitlement, parameters)) return std::nullopt;
                         return "the account does not hold the entitlement";
                       });
  }

  Result<model::AccountImage> revoke(const Call& call, const model::NativeId& id,
                                     const model::EntitlementId& entitlement,
                                     const model::Parameters& parameters) override {
    return after_write("revoke", inner_->grant_writer()->revoke(call, id, entitlement, parameters), &id,
                       [&](const model::AccountImage& image) -> std::optional<std::string> {
                         if (!holds(image, entitlement, parameters)) return std::nullopt;
                         return "the account still holds the entitlement";
                       });
  }

  // --- SessionControl
  Result<std::vector<model::Session>> list_sessions(const Call& call, const model::NativeId& id) override {
    return check_sessions("list sessions", inner_->session_control()->list_sessions(call, id));
  }
  Result<std::vector<model::Session>> end_sessions(const Call& call, const model::NativeId& id) override {
    return check_sessions("end sessions", inner_->session_control()->end_sessions(call, id));
  }

  // --- FeedReader
  Result<Feed> read_feed(const FeedRequest& request, Diagnostics& diagnostics) override {
    return checked("read feed", inner_->feed_reader()->read_feed(request, diagnostics));
  }

  // --- checks
  Status check_named(const model::AccountImage& image, const model::NativeId& id) const {
    if (image.account.id != id)
      return hostile("account " + shown(image.account.id.str()) + " came back instead of " + shown(id.str()));
    return check_image(image, settings_, limits_);
  }

  // An image of a write that cannot be believed leaves the effect unknown: something was sent.
  template <class Difference>
  Result<model::AccountImage> after_write(const char* verb, Result<model::AccountImage> image,
                                          const model::NativeId* id, const Difference& not_as_asked) {
    if (image) {
      if (auto status = id != nullptr ? check_named(*image, *id) : check_image(*image, settings_, limits_); !status)
        return refuse(verb, std::move(status).error().with_effect(Effect::kUnknown));
      if (const auto what = not_as_asked(*image)) return refuse(verb, unverified(*what).error());
    }
    return checked(verb, std::move(image));
  }

  Result<std::vector<model::Session>> check_sessions(const char* verb, Result<std::vector<model::Session>> sessions) {
    if (sessions) {
      if (sessions->size() > limits_.sessions)
        return refuse(verb, Error(Reason::kTargetProtocol, "more sessions than the limit of the host"));
      for (const auto& session : *sessions) {
        auto status = check_id(session.id, "a session's id", limits_);
        if (status) status = check_text(session.origin, "a session's origin", limits_.text_bytes);
        if (!status) return refuse(verb, std::move(status).error());
      }
    }
    return checked(verb, std::move(sessions));
  }

  template <class T>
  T checked(const char* verb, T result) const {
    if (result) return result;
    return refuse(verb, std::move(result).error());
  }

  std::unexpected<Error> refuse(const char* verb, Error error) const {
    return std::unexpected<Error>(scrubber_->clean(error).add_context(
        std::string(verb) + " on target " + settings_.target.str() + " (" + inner_->manifest().connector + ")"));
  }

  std::unique_ptr<RememberingSecrets> secrets_;
  std::unique_ptr<Connection> inner_;
  const Settings settings_;
  const Clock* clock_;
  const HostLimits limits_;
  std::shared_ptr<Scrubber> scrubber_;
};

Status check_capabilities(Connection& connection) {
  const Manifest& manifest = connection.manifest();
  const auto agree = [&](bool declared, bool there, const char* what) -> Status {
    if (declared == there) return {};
    return fail(Reason::kInternal, "connector " + manifest.connector +
                                       ": its manifest and its connection disagree on " + std::string(what));
  };
  TENURE_CHECK_OK(agree(manifest.reads_accounts, connection.account_reader() != nullptr, "reading accounts"));
  TENURE_CHECK_OK(agree(manifest.writes_accounts, connection.account_writer() != nullptr, "writing accounts"));
  TENURE_CHECK_OK(agree(manifest.writes_grants, connection.grant_writer() != nullptr, "writing grants"));
  TENURE_CHECK_OK(agree(manifest.reads_feed, connection.feed_reader() != nullptr, "reading feeds"));
  // Sessions that can be listed and not ended are a capability too.
  if (manifest.ends_sessions && connection.session_control() == nullptr) return agree(true, false, "ending sessions");
  return {};
}

}  // namespace

Status check_image(const model::AccountImage& image, const Settings& settings, const HostLimits& limits) {
  TENURE_CHECK_OK(check_account(image.account, settings, limits));
  if (image.grants.size() > limits.entitlements) return hostile("an account holds more grants than the limit");
  const model::Grant* previous = nullptr;
  for (const auto& grant : image.grants) {
    if (previous != nullptr && *previous >= grant) return hostile("the grants are not ordered, or one stands twice");
    previous = &grant;
    if (grant.holder.account != image.account.id || !grant.holder.entitlement.empty())
      return hostile("an account came back with the grant of another holder");
    TENURE_CHECK_OK(check_id(grant.entitlement.str(), "an entitlement's id", limits));
    TENURE_CHECK_OK(check_parameters(grant.parameters, limits));
  }
  return {};
}

Status check_observation(const model::Observation& observation, const Settings& settings, const HostLimits& limits) {
  if (observation.target != settings.target) return hostile("the reading is of another target");
  TENURE_CHECK_OK(check_sizes(observation, limits));
  TENURE_CHECK_OK(check_coverage(observation.coverage, limits));
  const model::Account* previous = nullptr;
  for (const auto& account : observation.accounts) {
    TENURE_CHECK_OK(check_account(account, settings, limits));
    if (previous != nullptr && previous->id >= account.id)
      return hostile("the accounts are not ordered, or " + shown(account.id.str()) + " stands twice");
    previous = &account;
  }
  const model::ObservedEntitlement* before = nullptr;
  for (const auto& entitlement : observation.entitlements) {
    TENURE_CHECK_OK(check_id(entitlement.id.str(), "an entitlement's id", limits));
    TENURE_CHECK_OK(check_text(entitlement.title, "an entitlement's title", limits.text_bytes));
    if (before != nullptr && before->id >= entitlement.id)
      return hostile("the entitlements are not ordered, or " + shown(entitlement.id.str()) + " stands twice");
    if (std::find(settings.ignored.begin(), settings.ignored.end(), entitlement.id) != settings.ignored.end())
      return hostile("the entitlement " + shown(entitlement.id.str()) + " was read although it is ignored");
    before = &entitlement;
  }
  return check_grants(observation, limits);
}

Result<std::unique_ptr<Connection>> open_checked(const Connector& connector, const Settings& settings,
                                                 SecretSource& secrets, const Clock& clock, const HostLimits& limits) {
  auto scrubber = std::make_shared<Scrubber>();
  auto remembering = std::make_unique<RememberingSecrets>(secrets, scrubber);
  auto inner = connector.open(settings, *remembering);
  if (!inner)
    return std::unexpected<Error>(
        scrubber->clean(inner.error())
            .add_context("opening target " + settings.target.str() + " (" + connector.manifest().connector + ")"));
  TENURE_CHECK_OK(check_capabilities(**inner));
  return std::unique_ptr<Connection>(std::make_unique<CheckedConnection>(std::move(remembering), std::move(*inner),
                                                                         settings, clock, limits, std::move(scrubber)));
}

}  // namespace tenure::connector

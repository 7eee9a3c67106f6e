#include <algorithm>
#include <array>

#include <tenure/connector/verify.hpp>
#include <tenure/emergency/revoke.hpp>

namespace tenure::emergency {
namespace {

constexpr std::array<std::string_view, 3> kActs = {"disable", "revoke", "end_sessions"};
constexpr std::array<std::string_view, 4> kEndings = {"done", "already", "failed", "unknown"};
constexpr Duration kCallTimeout = Duration::seconds(30);

using Found = std::optional<model::AccountImage>;

// By login in every class, else by the target's own id.
Result<Found> find(connector::Connection& connection, const KitTarget& target, const std::string& account) {
  connector::AccountReader* reader = connection.account_reader();
  if (reader == nullptr) return fail(Reason::kConnectorUnsupported, "the connector cannot read accounts");
  const connector::Call call{.timeout = kCallTimeout};
  for (const auto& declared : target.settings.classes) {
    if (declared.scope == model::Scope::kIgnored) continue;
    TENURE_TRY(auto image, reader->find_account(call, declared.name, account));
    if (image) return image;
  }
  return reader->read_account(call, model::NativeId(account));
}

bool as_asked(const model::AccountImage& image, const Order& order) {
  if (order.act == Act::kDisable) return !image.account.enabled;
  return std::none_of(image.grants.begin(), image.grants.end(),
                      [&](const model::Grant& grant) { return grant.entitlement == order.entitlement; });
}

Status disable(connector::Connection& connection, const model::AccountImage& image) {
  connector::AccountWriter* writer = connection.account_writer();
  if (writer == nullptr) return fail(Reason::kConnectorUnsupported, "the connector cannot write accounts");
  TENURE_CHECK_OK(writer->set_enabled({.timeout = kCallTimeout}, image.account.id, false));
  return {};
}

Status revoke(connector::Connection& connection, const model::AccountImage& image, const Order& order) {
  connector::GrantWriter* writer = connection.grant_writer();
  if (writer == nullptr) return fail(Reason::kConnectorUnsupported, "the connector cannot write grants");
  for (const model::Grant& grant : image.grants)
    if (grant.entitlement == order.entitlement)
      TENURE_CHECK_OK(writer->revoke({.timeout = kCallTimeout}, image.account.id, grant.entitlement, grant.parameters));
  return {};
}

Status end_sessions(connector::Connection& connection, const model::AccountImage& image) {
  connector::SessionControl* sessions = connection.session_control();
  if (sessions == nullptr) return fail(Reason::kConnectorUnsupported, "the connector cannot end sessions");
  TENURE_TRY(const auto left, sessions->end_sessions({.timeout = kCallTimeout}, image.account.id));
  if (left.empty()) return {};
  return fail(Reason::kTargetUnverified, std::to_string(left.size()) + " sessions are still there", Effect::kUnknown);
}

Status write(connector::Connection& connection, const model::AccountImage& image, const Order& order) {
  switch (order.act) {
    case Act::kDisable:
      return disable(connection, image);
    case Act::kRevoke:
      return revoke(connection, image, order);
    case Act::kEndSessions:
      break;
  }
  return end_sessions(connection, image);
}

// What a reading after the write shows: nullopt = nobody knows.
std::optional<bool> shows(connector::Connection& connection, const model::NativeId& account, const Order& order) {
  if (order.act == Act::kEndSessions) {
    connector::SessionControl* sessions = connection.session_control();
    if (sessions == nullptr) return std::nullopt;
    const auto left = sessions->list_sessions({.timeout = kCallTimeout}, account);
    if (!left) return std::nullopt;
    return left->empty();
  }
  connector::AccountReader* reader = connection.account_reader();
  const auto image = reader->read_account({.timeout = kCallTimeout}, account);
  if (!image) return std::nullopt;
  return !image->has_value() || as_asked(**image, order);
}

void settle(Done& done, const Error& error) {
  done.problem = error.to_string();
  done.ending = error.effect() == Effect::kNone ? Ending::kFailed : Ending::kUnknown;
}

// Everything between the intent and its outcome. The connection that made it is kept for the reading after it.
std::unique_ptr<connector::Connection> perform(const KitTarget& target, const Order& order, const OpenTarget& open,
                                               Done& done) {
  auto connection = open();
  if (!connection) {
    settle(done, connection.error());
    return nullptr;
  }
  const auto found = find(**connection, target, order.account);
  if (!found) {
    done.problem = found.error().to_string();
    done.ending = Ending::kFailed;  // a reading changes nothing
    return nullptr;
  }
  if (!*found) {
    done.problem = "there is no account \"" + order.account + "\"";
    done.ending = Ending::kFailed;
    return nullptr;
  }
  const model::AccountImage& image = **found;
  done.account = image.account.id;
  done.name = image.account.name;
  done.account_class = image.account.account_class;
  if (order.act != Act::kEndSessions && as_asked(image, order)) {
    done.ending = Ending::kAlready;
    return std::move(*connection);
  }
  if (const Status written = write(**connection, image, order); !written)
    settle(done, written.error());
  else
    done.ending = Ending::kDone;
  return std::move(*connection);
}

}  // namespace

std::string_view name_of(Act act) {
  return kActs.at(static_cast<std::size_t>(act));
}
std::optional<Act> act_from(std::string_view name) {
  const auto it = std::find(kActs.begin(), kActs.end(), name);
  if (it == kActs.end()) return std::nullopt;
  return static_cast<Act>(it - kActs.begin());
}
std::string_view name_of(Ending ending) {
  return kEndings.at(static_cast<std::size_t>(ending));
}

Status check_order(const Kit& kit, const Order& order, Time now) {
  if (now >= kit.expires_at) return fail(Reason::kKitRefused, kit.id + " expired at " + kit.expires_at.to_rfc3339());
  if (kit.find(order.target) == nullptr) return fail(Reason::kKitRefused, kit.id + " is not for " + order.target.str());
  if (order.reason.empty()) return fail(Reason::kKitRefused, "a reason is required");
  if (order.account.empty() || (order.act == Act::kRevoke && order.entitlement.empty()))
    return fail(Reason::kKitRefused, "say which account, and which entitlement");
  return {};
}

Result<Done> carry_out(const Kit& kit, const Order& order, Journal& journal, const OpenTarget& open,
                       const Clock& clock) {
  TENURE_CHECK_OK(check_order(kit, order, clock.now()));
  Done done;
  json::Object intent{{"act", name_of(order.act)},
                      {"target", order.target.str()},
                      {"account", order.account},
                      {"reason", order.reason},
                      {"person", kit.person}};
  if (!order.entitlement.empty()) intent.emplace("entitlement", order.entitlement.str());
  TENURE_TRY(done.intent, journal.add(EntryKind::kIntent, std::move(intent), clock.now()));
  const auto connection = perform(*kit.find(order.target), order, open, done);
  json::Object outcome{{"intent", done.intent}, {"ending", name_of(done.ending)}};
  if (!done.account.empty()) outcome.emplace("account_id", done.account.str());
  if (!done.name.empty()) outcome.emplace("name", done.name);
  if (!done.account_class.empty()) outcome.emplace("class", done.account_class);
  if (!done.problem.empty()) outcome.emplace("problem", done.problem);
  TENURE_CHECK_OK(journal.add(EntryKind::kOutcome, std::move(outcome), clock.now()));
  if (connection == nullptr) return done;
  const auto shown = shows(*connection, done.account, order);
  done.proven = shown.value_or(false);
  TENURE_CHECK_OK(journal.add(EntryKind::kReadBack,
                              {{"intent", done.intent},
                               {"shows", !shown   ? "unknown"
                                         : *shown ? "proven"
                                                  : "refuted"}},
                              clock.now()));
  return done;
}

}  // namespace tenure::emergency

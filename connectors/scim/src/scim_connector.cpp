#include "resource.hpp"
#include "service.hpp"

#include <algorithm>
#include <map>

#include <tenure/connector/settings.hpp>
#include <tenure/connector/verify.hpp>
#include <tenure/connector_scim/scim_connector.hpp>

namespace tenure::connector_scim {
namespace {

using connector::AccountDraft;
using connector::Call;
using model::AccountImage;
using model::EntitlementId;
using model::NativeId;

connector::Manifest make_manifest() {
  connector::Manifest m;
  m.connector = "scim";
  m.title = "SCIM 2.0 applications";
  m.reads_accounts = m.writes_accounts = m.writes_grants = true;
  m.grant_writes_object = "entitlement";
  m.create_class = connector::OperationClass::kB;
  m.proofs = {true, true, false, false};
  m.rights_needed = {"read and write Users and Groups"};
  m.unsupported = {{"end sessions", "SCIM has no sessions; the application must end them when active becomes false"},
                   {"login refused as a proof", "SCIM has no login"}};
  return m;
}

const connector::Manifest& the_manifest() {
  static const connector::Manifest manifest = make_manifest();
  return manifest;
}

struct Config {
  http::ClientOptions http;
  std::string token_reference;
  int page_size = 100;
  std::string account_class;
  model::Purpose purpose = model::Purpose::kNormal;
  std::vector<std::string> attributes;
  std::vector<std::string> ignored;
};

Config read_config(const connector::Settings& settings, const Place& place, Diagnostics& diagnostics) {
  Config config;
  connector::ConfigReader reader(settings.config, "config", place, diagnostics);
  if (const std::string url = reader.text("url"); !url.empty()) {
    auto parsed = http::Url::parse(url);
    if (parsed)
      config.http.base = std::move(*parsed);
    else
      reader.fault("url", parsed.error().message(), "https://app.example/scim/v2");
  }
  config.http.ca_file = reader.text_or("ca_file", "");
  config.token_reference = reader.secret_reference("token", true);
  config.page_size = static_cast<int>(reader.integer_or("page_size", 100, 1, 1000));
  reader.no_other_keys();
  if (settings.classes.size() != 1) {
    reader.fault("classes", "a SCIM application has one account class: its Users");
  } else {
    const auto& users = settings.classes.front();
    connector::ConfigReader class_reader(users.config, "classes." + users.name, place, diagnostics);
    class_reader.no_other_keys();
    config.account_class = users.name;
    config.purpose = users.purpose;
    config.attributes = users.attributes;
  }
  for (const auto& entitlement : settings.ignored) config.ignored.push_back(entitlement.str());
  return config;
}

// A group with its members' ids.
struct Group {
  std::string id;
  std::string name;
  std::vector<std::string> members;
};

Result<Group> group_of(const json::Value& resource) {
  Group group{resource.string_or("id", ""), resource.string_or("displayName", ""), {}};
  if (group.name.empty()) return fail(Reason::kTargetProtocol, "the group " + group.id + " has no displayName");
  const json::Value* members = resource.find("members");
  if (members == nullptr || !members->is_array()) return group;
  for (const auto& member : members->as_array()) group.members.push_back(member.string_or("value", ""));
  return group;
}

class ScimConnection final : public connector::Connection,
                             public connector::AccountReader,
                             public connector::AccountWriter,
                             public connector::GrantWriter {
 public:
  ScimConnection(model::TargetName target, Config config, std::function<Result<std::string>()> token)
      : target_(std::move(target)),
        service_(config.http, std::move(token), config.page_size),
        config_(std::move(config)) {}

  const connector::Manifest& manifest() const override { return the_manifest(); }
  connector::AccountReader* account_reader() override { return this; }
  connector::AccountWriter* account_writer() override { return this; }
  connector::GrantWriter* grant_writer() override { return this; }

  Result<std::vector<connector::PreflightFault>> preflight(const Call& call) override {
    const Deadline deadline(call.timeout);
    std::vector<connector::PreflightFault> faults;
    for (const char* type : {"Users", "Groups"}) {
      const auto page = service_.get(deadline, std::string("/") + type + "?startIndex=1&count=1");
      if (!page && page.error().reason() == Reason::kTargetRights)
        faults.push_back({std::string("read ") + type, "reading back"});
      else if (!page)
        return fail(page.error());
      else if (!*page)
        faults.push_back({std::string("an endpoint /") + type, "reading back"});
    }
    return faults;
  }

  Result<model::Observation> read_all(const Call& call) override {
    const Deadline deadline(call.timeout);
    TENURE_TRY(const auto users, service_.list(deadline, "Users"));
    TENURE_TRY(const auto groups, read_groups(deadline));
    model::Observation observation;
    observation.target = target_;
    observation.coverage.complete = true;
    for (const auto& user : users)
      observation.accounts.push_back(account_of(user, config_.account_class, config_.purpose, config_.attributes));
    for (const auto& group : groups) observation.entitlements.push_back({EntitlementId(group.name), ""});
    observation.sort();
    std::map<std::string, std::string> group_names;
    for (const auto& group : groups) group_names[group.id] = group.name;
    std::size_t dangling = 0;
    for (const auto& group : groups) {
      for (const auto& member : group.members) {
        const auto nested = group_names.find(member);
        if (nested != group_names.end())
          observation.grants.push_back({{{}, EntitlementId(nested->second)}, EntitlementId(group.name), ""});
        else if (observation.find_account(NativeId(member)) != nullptr)
          observation.grants.push_back({{NativeId(member), {}}, EntitlementId(group.name), ""});
        else
          ++dangling;
      }
    }
    if (dangling > 0)
      observation.coverage.reason = std::to_string(dangling) + " group members are no users of the application";
    observation.sort();
    return observation;
  }

  Result<std::optional<AccountImage>> read_account(const Call& call, const NativeId& id) override {
    return read_image(Deadline(call.timeout), id);
  }

  Result<std::optional<AccountImage>> find_account(const Call& call, const std::string& account_class,
                                                   const std::string& name) override {
    const Deadline deadline(call.timeout);
    if (account_class != config_.account_class) return std::nullopt;
    std::string quoted;
    json::append_quoted(quoted, name);
    TENURE_TRY(const auto found, service_.list(deadline, "Users", "userName eq " + quoted));
    // Some providers compare with case, some ignore the filter: take only an exact match of what came back.
    for (const auto& user : found)
      if (user.string_or("userName", "") == name) return read_image(deadline, NativeId(user.string_or("id", "")));
    return std::nullopt;
  }

  Result<AccountImage> create(const Call& call, const AccountDraft& draft) override {
    const Deadline deadline(call.timeout);
    TENURE_TRY(auto there, find_account(call, draft.account_class, draft.name));
    if (there) {
      if (const auto differs = connector::difference(*there, draft))
        return fail(Reason::kTargetObjectExists, "user " + draft.name + " is there: " + *differs);
      return std::move(*there);
    }
    json::Object user;
    for (const auto& [name, value] : draft.attributes)
      if (!connector::attribute_texts(value).empty()) set_path(user, name, value);
    json::Array schemas = {"urn:ietf:params:scim:schemas:core:2.0:User"};
    for (const auto& [name, value] : user)
      if (name.starts_with("urn:")) schemas.push_back(name);
    user["schemas"] = std::move(schemas);
    user["userName"] = draft.name;
    user["active"] = draft.enabled;
    const json::Value body(std::move(user));
    TENURE_CHECK_OK(service_.write(deadline, "POST", "/Users", &body, call.idempotency_key));
    TENURE_TRY(auto image, find_account(call, draft.account_class, draft.name));
    if (!image) return connector::unverified("user " + draft.name + " was created and is not there");
    if (const auto differs = connector::difference(*image, draft)) return connector::unverified(*differs);
    return std::move(*image);
  }

  Result<AccountImage> update(const Call& call, const NativeId& id, const model::AttributeMap& attributes) override {
    const Deadline deadline(call.timeout);
    json::Array operations;
    for (const auto& [name, value] : attributes) operations.push_back(replace_operation(name, value));
    TENURE_CHECK_OK(patch(deadline, "/Users/" + http::percent_encode(id.str()), std::move(operations), call));
    TENURE_TRY(AccountImage image, must_read(deadline, id));
    if (const auto differs = connector::difference(image, attributes)) return connector::unverified(*differs);
    return image;
  }

  Result<AccountImage> set_enabled(const Call& call, const NativeId& id, bool enabled) override {
    const Deadline deadline(call.timeout);
    TENURE_CHECK_OK(patch(deadline, "/Users/" + http::percent_encode(id.str()),
                          {replace_operation("active", json::Value(enabled))}, call));
    TENURE_TRY(AccountImage image, must_read(deadline, id));
    if (image.account.enabled != enabled) return connector::unverified("active did not change");
    return image;
  }

  Status remove(const Call& call, const NativeId& id) override {
    const Deadline deadline(call.timeout);
    auto removed =
        service_.write(deadline, "DELETE", "/Users/" + http::percent_encode(id.str()), nullptr, call.idempotency_key);
    if (!removed && removed.error().reason() != Reason::kTargetObjectMissing) return fail(std::move(removed).error());
    TENURE_TRY(const auto after, read_image(deadline, id));
    if (after) return connector::unverified("the user is still there");
    return {};
  }

  Result<AccountImage> grant(const Call& call, const NativeId& id, const EntitlementId& entitlement,
                             const model::Parameters& parameters) override {
    const Deadline deadline(call.timeout);
    if (!parameters.empty()) return fail(Reason::kTargetRefused, "a group membership has no parameters");
    TENURE_TRY(const AccountImage before, must_read(deadline, id));
    if (connector::holds(before, entitlement, "")) return before;
    TENURE_TRY(const Group group, find_group(deadline, entitlement));
    {
      const json::Value members = json::Array{json::Object{{"value", id.str()}}};
      TENURE_CHECK_OK(patch(deadline, "/Groups/" + http::percent_encode(group.id),
                            {json::Object{{"op", "add"}, {"path", "members"}, {"value", members}}}, call));
    }
    TENURE_TRY(AccountImage image, must_read(deadline, id));
    if (!connector::holds(image, entitlement, ""))
      return connector::unverified("the user is no member of " + entitlement.str());
    return image;
  }

  Result<AccountImage> revoke(const Call& call, const NativeId& id, const EntitlementId& entitlement,
                              const model::Parameters&) override {
    const Deadline deadline(call.timeout);
    auto group = find_group(deadline, entitlement);
    if (!group && group.error().reason() != Reason::kTargetObjectMissing) return fail(std::move(group).error());
    if (group && is_member(*group, id)) {
      std::string quoted;
      json::append_quoted(quoted, id.str());
      // Only this member, by value: a removal without a filter would empty the group.
      TENURE_CHECK_OK(patch(deadline, "/Groups/" + http::percent_encode(group->id),
                            {json::Object{{"op", "remove"}, {"path", "members[value eq " + quoted + "]"}}}, call));
    }
    TENURE_TRY(AccountImage image, must_read(deadline, id));
    if (connector::holds(image, entitlement, ""))
      return connector::unverified("the user is still a member of " + entitlement.str());
    return image;
  }

 private:
  static bool is_member(const Group& group, const NativeId& id) {
    return std::find(group.members.begin(), group.members.end(), id.str()) != group.members.end();
  }

  Status patch(const Deadline& deadline, const std::string& target, json::Array operations, const Call& call) {
    const json::Value body = patch_body(std::move(operations));
    TENURE_TRY(const json::Value answer, service_.write(deadline, "PATCH", target, &body, call.idempotency_key));
    static_cast<void>(answer);  // an answer proves nothing: it is read back
    return {};
  }

  bool is_ignored(const std::string& group) const {
    return std::find(config_.ignored.begin(), config_.ignored.end(), group) != config_.ignored.end();
  }

  Result<std::vector<Group>> read_groups(const Deadline& deadline) {
    TENURE_TRY(const auto resources, service_.list(deadline, "Groups"));
    std::vector<Group> groups;
    for (const auto& resource : resources) {
      TENURE_TRY(Group group, group_of(resource));
      if (!is_ignored(group.name)) groups.push_back(std::move(group));
    }
    return groups;
  }

  Result<Group> find_group(const Deadline& deadline, const EntitlementId& entitlement) {
    std::string quoted;
    json::append_quoted(quoted, entitlement.str());
    TENURE_TRY(const auto found, service_.list(deadline, "Groups", "displayName eq " + quoted));
    for (const auto& resource : found)
      if (resource.string_or("displayName", "") == entitlement.str()) return group_of(resource);
    return fail(Reason::kTargetObjectMissing, "there is no group " + entitlement.str());
  }

  // Memberships come from the groups: a user's own `groups` is optional and often stale.
  Result<std::optional<AccountImage>> read_image(const Deadline& deadline, const NativeId& id) {
    TENURE_TRY(const auto user, service_.get(deadline, "/Users/" + http::percent_encode(id.str())));
    if (!user) return std::nullopt;
    if (user->string_or("id", "") != id.str())
      return fail(Reason::kTargetProtocol, "the provider answered with another user");
    AccountImage image;
    image.account = account_of(*user, config_.account_class, config_.purpose, config_.attributes);
    TENURE_TRY(const auto groups, read_groups(deadline));
    for (const auto& group : groups)
      if (is_member(group, id)) image.grants.push_back({{id, {}}, EntitlementId(group.name), ""});
    std::sort(image.grants.begin(), image.grants.end());
    return image;
  }

  Result<AccountImage> must_read(const Deadline& deadline, const NativeId& id) {
    TENURE_TRY(auto image, read_image(deadline, id));
    if (!image) return fail(Reason::kTargetObjectMissing, "there is no user with the id " + id.str());
    return std::move(*image);
  }

  const model::TargetName target_;
  Service service_;
  const Config config_;
};

class ScimConnector final : public connector::Connector {
 public:
  const connector::Manifest& manifest() const override { return the_manifest(); }

  void check(const connector::Settings& settings, const Place& place, Diagnostics& diagnostics) const override {
    read_config(settings, place, diagnostics);
  }

  Result<std::unique_ptr<connector::Connection>> open(const connector::Settings& settings,
                                                      connector::SecretSource& secrets) const override {
    Diagnostics diagnostics;
    Config config = read_config(settings, {settings.target.str(), 0, 0}, diagnostics);
    if (diagnostics.has_errors()) return fail(diagnostics.to_error());
    auto token = [&secrets, reference = config.token_reference] { return secrets.secret(reference); };
    return std::make_unique<ScimConnection>(settings.target, std::move(config), std::move(token));
  }
};

}  // namespace

std::unique_ptr<connector::Connector> make_connector() {
  return std::make_unique<ScimConnector>();
}

}  // namespace tenure::connector_scim

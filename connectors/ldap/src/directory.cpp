#include "directory.hpp"

#include "dn.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include <tenure/base/text.hpp>
#include <tenure/connector/verify.hpp>

namespace tenure::connector_ldap {
namespace {

// Lookups of member values that are neither an account nor a group that was read: one request each.
constexpr std::size_t kLookupsMax = 500;

bool concerns_everything(const Error& error) {
  switch (error.reason()) {
    case Reason::kTargetUnreachable:
    case Reason::kTargetTimeout:
    case Reason::kTargetCredentials:
    case Reason::kTargetProtocol:
    case Reason::kSecretMissing:
      return true;
    default:
      return false;
  }
}

std::string counted(std::size_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !digit) return false;
  }
  return true;
}

// A full reading on its way.
struct Directory::Reading {
  model::Observation observation;
  std::vector<std::string> reasons;                                // why something is unknown
  std::unordered_map<std::string, model::NativeId> account_by_dn;  // normal DN
  std::unordered_set<std::string> account_ids;
  std::unordered_map<std::string, Entry const*> group_by_dn;  // normal DN
  std::unordered_map<std::string, std::string> resolved;      // member DN that needed a lookup -> id, "", "?"
  std::vector<std::string> unknown_bases;                     // normal bases of the classes that could not be read
  std::size_t dangling = 0;
  std::size_t outside = 0;

  void unknown(const std::string& what, const std::string& why) {
    auto& all = observation.coverage.unknown;
    if (std::find(all.begin(), all.end(), what) == all.end()) all.push_back(what);
    if (reasons.size() < 20) reasons.push_back(what + ": " + why);
  }
};

SearchRequest Directory::accounts_of(const ClassConfig& account_class, const std::string& filter) const {
  SearchRequest out;
  out.base = account_class.base;
  out.filter = filter.empty() ? account_class.filter : "(&" + account_class.filter + filter + ")";
  out.attributes = account_class.attributes;
  for (const std::string& more :
       {account_class.rdn_attribute, std::string("entryUUID"), std::string("entryCSN"), std::string(kLockAttribute)})
    out.attributes.push_back(more);
  out.page_size = config_.page_size;
  return out;
}

Result<std::vector<Entry>> Directory::below(const SearchRequest& request) {
  auto entries = wire_.search(request, deadline_);
  if (!entries && entries.error().reason() == Reason::kTargetObjectMissing)
    return fail(Reason::kTargetRights, request.base + " does not exist, or may not be seen");
  return entries;
}

Result<FoundAccount> Directory::to_account(const ClassConfig& account_class, const Entry& entry) const {
  FoundAccount out;
  out.account_class = &account_class;
  out.dn = entry.dn;
  out.entry_csn = entry.first("entrycsn");
  const std::string id = entry.first("entryuuid");
  if (!is_uuid(id)) return fail(Reason::kTargetRights, "entryUUID of " + entry.dn + " cannot be read");
  model::Account& account = out.image.account;
  account.id = model::NativeId(ascii_lower(id));
  account.name =
      rdn_value(entry.dn, account_class.rdn_attribute).value_or(entry.first(ascii_lower(account_class.rdn_attribute)));
  account.account_class = account_class.name;
  account.purpose = account_class.purpose;
  out.lock = entry.first("pwdaccountlockedtime");
  if (!out.lock.empty()) {
    account.enabled = false;
    account.restriction = out.lock == kLockedForEver ? "locked" : "locked:" + out.lock;
  }
  for (const auto& name : account_class.attributes) {
    const auto& values = entry.values(ascii_lower(name));
    // One value that is no text makes the attribute unreadable, which is not the same as the values that are.
    if (!std::all_of(values.begin(), values.end(), [](const std::string& value) { return is_utf8(value); })) continue;
    account.attributes.emplace(name, connector::attribute_value(values).value_or(""));
  }
  return out;
}

std::string Directory::group_name(const Entry& entry) const {
  return rdn_value(entry.dn, config_.groups.name_attribute)
      .value_or(entry.first(ascii_lower(config_.groups.name_attribute)));
}

std::optional<std::pair<model::EntitlementId, model::Parameters>> Directory::right_of(const std::string& name) const {
  if (name.empty() || !is_utf8(name)) return std::nullopt;
  model::EntitlementId entitlement(name);
  model::Parameters parameters;
  for (const auto& family : config_.groups.families) {
    if (!name.starts_with(family.prefix) || name.size() == family.prefix.size()) continue;
    entitlement = model::EntitlementId(family.entitlement);
    parameters = json::to_string(json::Object{{family.parameter, name.substr(family.prefix.size())}});
    break;
  }
  if (config_.ignored.contains(entitlement) || config_.ignored.contains(model::EntitlementId(name)))
    return std::nullopt;
  return std::pair(std::move(entitlement), std::move(parameters));
}

// --- one account -----------------------------------------------------------------------------------------------

Result<std::optional<FoundAccount>> Directory::with_grants(const ClassConfig& account_class,
                                                           const std::vector<Entry>& entries) {
  if (entries.empty()) return std::optional<FoundAccount>();
  if (entries.size() > 1)
    return fail(Reason::kTargetProtocol, "several entries of class " + account_class.name +
                                             " answer to one name: " + entries[0].dn + " and " + entries[1].dn);
  TENURE_TRY(FoundAccount found, to_account(account_class, entries.front()));
  TENURE_TRY(const auto groups, groups_with_member(found.dn));
  for (const auto& group : groups)
    found.image.grants.push_back({{found.image.account.id, {}}, group.entitlement, group.parameters});
  auto& grants = found.image.grants;
  std::sort(grants.begin(), grants.end());
  grants.erase(std::unique(grants.begin(), grants.end()), grants.end());
  return std::optional<FoundAccount>(std::move(found));
}

Result<std::optional<FoundAccount>> Directory::account_by_id(const model::NativeId& id) {
  if (!is_uuid(id.str())) return std::optional<FoundAccount>();
  std::optional<Error> unseen;
  for (const auto& account_class : config_.classes) {
    const auto entries = below(accounts_of(account_class, "(entryUUID=" + id.str() + ")"));
    if (!entries) {
      if (concerns_everything(entries.error())) return fail(entries.error());
      if (!unseen) unseen = entries.error();
      continue;
    }
    if (!entries->empty()) return with_grants(account_class, *entries);
  }
  // It may be where we could not look.
  if (unseen) return fail(std::move(*unseen));
  return std::optional<FoundAccount>();
}

Result<std::optional<FoundAccount>> Directory::account_by_name(const std::string& name_of_class,
                                                               const std::string& name) {
  const auto account_class = std::find_if(config_.classes.begin(), config_.classes.end(),
                                          [&](const ClassConfig& one) { return one.name == name_of_class; });
  if (account_class == config_.classes.end())
    return fail(Reason::kConnectorConfig, "the target declares no account class " + name_of_class);
  const std::string filter = "(" + account_class->rdn_attribute + "=" + escape_filter_value(name) + ")";
  TENURE_TRY(auto entries, below(accounts_of(*account_class, filter)));
  // The name is the value in the DN; a further value of the attribute is not a name.
  std::erase_if(entries, [&](const Entry& entry) {
    const auto own = rdn_value(entry.dn, account_class->rdn_attribute);
    return own && ascii_lower(*own) != ascii_lower(name);
  });
  return with_grants(*account_class, entries);
}

// --- groups ----------------------------------------------------------------------------------------------------

Result<std::vector<FoundGroup>> Directory::groups_with_member(const std::string& dn) {
  SearchRequest request;
  request.base = config_.groups.base;
  request.filter = "(&(objectClass=" + config_.groups.object_class + ")(" + config_.groups.member_attribute + "=" +
                   escape_filter_value(dn) + "))";
  request.attributes = {config_.groups.name_attribute};
  request.page_size = config_.page_size;
  TENURE_TRY(const auto entries, below(request));
  std::vector<FoundGroup> out;
  for (const auto& entry : entries)
    if (auto right = right_of(group_name(entry)))
      out.push_back({entry.dn, std::move(right->first), std::move(right->second)});
  return out;
}

Result<FoundGroup> Directory::group_of(const model::EntitlementId& entitlement, const model::Parameters& parameters) {
  std::string name = entitlement.str();
  if (!parameters.empty()) {
    const auto value = json::parse(parameters);
    const auto family = std::find_if(config_.groups.families.begin(), config_.groups.families.end(),
                                     [&](const Family& one) { return one.entitlement == entitlement.str(); });
    if (!value || family == config_.groups.families.end() || value->string_or(family->parameter, "").empty())
      return fail(Reason::kConnectorConfig,
                  "the entitlement " + entitlement.str() + " has no family of groups for " + parameters);
    name = family->prefix + value->string_or(family->parameter, "");
  }
  const auto right = right_of(name);
  if (!right || right->first != entitlement || right->second != parameters)
    return fail(Reason::kTargetObjectMissing,
                "no group stands for the entitlement " + entitlement.str() + " " + parameters);
  SearchRequest request;
  request.base = config_.groups.base;
  request.filter = "(&(objectClass=" + config_.groups.object_class + ")(" + config_.groups.name_attribute + "=" +
                   escape_filter_value(name) + "))";
  request.attributes = {config_.groups.name_attribute};
  TENURE_TRY(auto entries, below(request));
  std::erase_if(entries, [&](const Entry& entry) { return group_name(entry) != name; });
  if (entries.empty())
    return fail(Reason::kTargetObjectMissing, "there is no group " + name + " below " + request.base);
  if (entries.size() > 1)
    return fail(Reason::kTargetProtocol,
                "two groups are called " + name + ": " + entries[0].dn + " and " + entries[1].dn);
  return FoundGroup{entries.front().dn, entitlement, parameters};
}

// --- everything ------------------------------------------------------------------------------------------------

Status Directory::read_classes(Reading& reading) {
  for (const auto& account_class : config_.classes) {
    const auto entries = below(accounts_of(account_class, ""));
    std::vector<FoundAccount> found;
    std::optional<Error> error;
    if (!entries) error = entries.error();
    for (std::size_t i = 0; !error && i < entries->size(); ++i) {
      auto account = to_account(account_class, (*entries)[i]);
      if (account)
        found.push_back(std::move(*account));
      else
        error = std::move(account).error();
    }
    if (error) {
      if (concerns_everything(*error)) return fail(std::move(*error));
      reading.unknown(account_class.name, error->message());
      reading.unknown_bases.push_back(account_class.normal_base);
      continue;
    }
    std::unordered_set<std::string> here;
    for (auto& account : found) {
      const std::string& id = account.image.account.id.str();
      if (!here.insert(id).second) return fail(Reason::kTargetProtocol, "the server sent " + account.dn + " twice");
      if (!reading.account_ids.insert(id).second) continue;  // of a class with a deeper base
      if (const auto normal = normal_dn(account.dn)) reading.account_by_dn.emplace(*normal, account.image.account.id);
      reading.observation.accounts.push_back(std::move(account.image.account));
    }
  }
  return {};
}

// The id of the account that a member value names although its text does not ("" when it names none, "?" unknown).
std::string Directory::resolve(Reading& reading, const std::string& member_dn) {
  if (const auto known = reading.resolved.find(member_dn); known != reading.resolved.end()) return known->second;
  if (reading.resolved.size() >= kLookupsMax) return "?";
  SearchRequest request;
  request.base = member_dn;
  request.scope = SearchScope::kBase;
  request.attributes = {"entryUUID"};
  const auto entries = wire_.search(request, deadline_);
  std::string out;
  if (entries && entries->size() == 1) {
    const std::string id = ascii_lower(entries->front().first("entryuuid"));
    if (reading.account_ids.contains(id)) {
      out = id;
    } else {
      ++reading.outside;
    }
  } else if (entries || entries.error().reason() == Reason::kTargetObjectMissing) {
    ++reading.dangling;
  } else {
    out = "?";
  }
  reading.resolved.emplace(member_dn, out);
  return out;
}

void Directory::add_members(Reading& reading, const Entry& group, const model::EntitlementId& entitlement,
                            const model::Parameters& parameters) {
  const std::string unknown_grants = "grants:" + entitlement.str();
  const std::string member = ascii_lower(config_.groups.member_attribute);
  for (const auto& [name, values] : group.attributes)
    if (name.starts_with(member + ";range="))
      reading.unknown(unknown_grants, "the server returns the members of " + group.dn + " in ranges");
  for (const auto& value : group.values(member)) {
    const auto normal = normal_dn(value);
    if (!normal) {
      ++reading.dangling;
      continue;
    }
    if (*normal == config_.groups.normal_placeholder && !normal->empty()) continue;
    if (const auto account = reading.account_by_dn.find(*normal); account != reading.account_by_dn.end()) {
      reading.observation.grants.push_back({{account->second, {}}, entitlement, parameters});
      continue;
    }
    if (const auto nested = reading.group_by_dn.find(*normal); nested != reading.group_by_dn.end()) {
      const auto right = right_of(group_name(*nested->second));
      if (!right) continue;  // an ignored entitlement holds nothing that anybody looks at
      if (right->second.empty())
        reading.observation.grants.push_back({{{}, right->first}, entitlement, parameters});
      else
        reading.unknown(unknown_grants, "its member " + value + " is one group of a family, which cannot be a holder");
      continue;
    }
    // Accounts of a class that could not be read are unknown already.
    if (std::any_of(reading.unknown_bases.begin(), reading.unknown_bases.end(),
                    [&](const std::string& base) { return is_under(*normal, base); }))
      continue;
    const std::string id = resolve(reading, value);
    if (id == "?")
      reading.unknown(unknown_grants, "the member " + value + " could not be looked up");
    else if (!id.empty())
      reading.observation.grants.push_back({{model::NativeId(id), {}}, entitlement, parameters});
  }
}

Status Directory::read_groups(Reading& reading) {
  SearchRequest request;
  request.base = config_.groups.base;
  request.filter = "(objectClass=" + config_.groups.object_class + ")";
  request.attributes = {config_.groups.name_attribute, config_.groups.member_attribute, "description"};
  request.page_size = config_.page_size;
  const auto entries = below(request);
  if (!entries) {
    if (concerns_everything(entries.error())) return fail(entries.error());
    reading.unknown("entitlements", entries.error().message());
    return {};
  }
  for (const auto& group : *entries)
    if (const auto normal = normal_dn(group.dn)) reading.group_by_dn.emplace(*normal, &group);
  std::unordered_set<std::string> entitlements;
  std::unordered_set<std::string> names;
  for (const auto& group : *entries) {
    const std::string name = group_name(group);
    if (name.empty() || !is_utf8(name)) {
      reading.unknown("entitlements", "the name of " + group.dn + " cannot be read");
      continue;
    }
    const auto right = right_of(name);
    if (!right) continue;
    if (!names.insert(name).second)
      reading.unknown("grants:" + right->first.str(), "more than one group has this name");
    if (entitlements.insert(right->first.str()).second) {
      const std::string description = group.first("description");
      const bool shown = right->second.empty() && !description.empty() && is_utf8(description);
      reading.observation.entitlements.push_back({right->first, shown ? description : right->first.str()});
    }
    add_members(reading, group, right->first, right->second);
  }
  return {};
}

Result<model::Observation> Directory::read_all() {
  Reading reading;
  reading.observation.target = config_.target;
  TENURE_CHECK_OK(read_classes(reading));
  TENURE_CHECK_OK(read_groups(reading));
  // Nothing of a nested group is left without its entitlement: groups of a nesting are all in the reading.
  model::Observation& out = reading.observation;
  out.coverage.complete = out.coverage.unknown.empty();
  if (reading.dangling > 0)
    reading.reasons.push_back(counted(reading.dangling, "member value") + " of groups without an entry");
  if (reading.outside > 0)
    reading.reasons.push_back(counted(reading.outside, "group member") + " outside the account classes");
  out.coverage.reason = join(reading.reasons, "; ");
  out.sort();
  out.grants.erase(std::unique(out.grants.begin(), out.grants.end()), out.grants.end());
  if (!wire_.connected())
    return fail(Reason::kTargetPartial, "the connection was lost during the reading", Effect::kNone, Retry::kLater);
  return std::move(out);
}

}  // namespace tenure::connector_ldap

#include "config.hpp"

#include "dn.hpp"

#include <algorithm>

#include <tenure/base/text.hpp>
#include <tenure/connector/settings.hpp>

namespace tenure::connector_ldap {
namespace {

using connector::ConfigReader;

// Attributes that hold secrets (never read, T14) or belong to the server or to other verbs.
constexpr std::string_view kForbidden[] = {
    "userpassword", "authpassword", "pwdhistory", "unicodepwd",      "objectclass",         "entryuuid",
    "entrycsn",     "entrydn",      "memberof",   "sambantpassword", "pwdaccountlockedtime"};

std::string required_dn(ConfigReader& config, std::string_view key, std::string* normal) {
  std::string dn = config.text(key);
  if (dn.empty()) return dn;
  const auto parsed = normal_dn(dn);
  if (!parsed || parsed->empty())
    config.fault(key, "is not a distinguished name", "such as ou=people,dc=example,dc=com");
  if (parsed && normal != nullptr) *normal = *parsed;
  return dn;
}

bool is_attribute_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == ';';
  });
}

std::string attribute_name(ConfigReader& config, std::string_view key, std::string_view fallback) {
  std::string name = config.text_or(key, fallback);
  if (!is_attribute_name(name)) config.fault(key, "is not the name of an attribute");
  return name;
}

bool is_loopback(std::string_view uri) {
  std::string_view host = uri.substr(uri.find("://") + 3);
  if (host.starts_with("[::1]")) return true;
  host = host.substr(0, host.find_first_of(":/"));
  return host == "localhost" || host.starts_with("127.");
}

void read_endpoint(ConfigReader& config, const connector::Settings& settings, Config& out) {
  Endpoint& endpoint = out.endpoint;
  endpoint.uri = config.text("uri");
  endpoint.starttls = config.boolean_or("starttls", false);
  endpoint.bind_dn = required_dn(config, "bind_dn", nullptr);
  out.password = config.secret_reference("password", true);
  endpoint.ca_file = config.text_or("ca_file", "");
  if (!endpoint.ca_file.empty() && endpoint.ca_file.front() != '/')
    endpoint.ca_file = settings.base_folder + "/" + endpoint.ca_file;
  const bool cleartext = config.boolean_or("cleartext", false);
  const std::string& uri = endpoint.uri;
  if (uri.empty()) return;
  const bool plain = uri.starts_with("ldap://");
  if (!plain && !uri.starts_with("ldaps://") && !uri.starts_with("ldapi://"))
    config.fault("uri", "is not an LDAP address", "ldap://host:389, ldaps://host:636 or ldapi://%2Fpath");
  else if (plain && !endpoint.starttls && !cleartext && !is_loopback(uri))
    config.fault("uri", "sends the password over the network in clear text",
                 "ldaps://, or starttls: true; cleartext: true accepts it");
  if (endpoint.starttls && !plain) config.fault("starttls", "is only for ldap:// addresses");
}

void read_groups(ConfigReader groups, GroupConfig& out) {
  out.base = required_dn(groups, "base", nullptr);
  out.object_class = attribute_name(groups, "object_class", "groupOfNames");
  out.name_attribute = attribute_name(groups, "name", "cn");
  out.member_attribute = attribute_name(groups, "member", "member");
  if (groups.has("placeholder")) out.placeholder = required_dn(groups, "placeholder", &out.normal_placeholder);
  for (auto& family : groups.objects("families")) {
    Family one{family.text("entitlement"), family.text("prefix"), family.text("parameter")};
    family.no_other_keys();
    out.families.push_back(std::move(one));
  }
  groups.no_other_keys();
}

ClassConfig read_class(const connector::AccountClass& declared, const Place& place, Diagnostics& diagnostics) {
  ConfigReader config(declared.config, "classes." + declared.name, place, diagnostics);
  ClassConfig out;
  out.name = declared.name;
  out.purpose = declared.purpose;
  out.managed = declared.scope == model::Scope::kManaged || declared.scope == model::Scope::kAdditive;
  out.base = required_dn(config, "base", &out.normal_base);
  out.object_classes = config.texts("object_classes");
  if (out.object_classes.empty()) out.object_classes = {"inetOrgPerson"};
  out.rdn_attribute = attribute_name(config, "rdn", "uid");
  std::string filter = config.text_or("filter", "(objectClass=" + out.object_classes.back() + ")");
  if (!filter.starts_with("(") || !filter.ends_with(")"))
    config.fault("filter", "is not a filter", "(objectClass=person)");
  out.filter = "(&" + filter + "(" + out.rdn_attribute + "=*))";
  config.no_other_keys();
  for (const auto& attribute : declared.attributes) {
    const std::string lower = ascii_lower(attribute);
    if (!is_attribute_name(attribute))
      config.fault("attributes", "has the entry \"" + attribute + "\", which is not the name of an attribute");
    else if (std::find(std::begin(kForbidden), std::end(kForbidden), lower) != std::end(kForbidden))
      config.fault("attributes", "has the entry \"" + attribute + "\", which is not an attribute of an account");
  }
  out.attributes = declared.attributes;
  return out;
}

}  // namespace

Config read_config(const connector::Settings& settings, const Place& place, Diagnostics& diagnostics) {
  Config out;
  out.target = settings.target;
  ConfigReader config(settings.config, "config", place, diagnostics);
  read_endpoint(config, settings, out);
  out.page_size = static_cast<int>(config.integer_or("page_size", 500, 1, 10'000));
  out.lock = config.choice_or("disable", "ppolicy", {"ppolicy", "none"}) == "ppolicy";
  out.monitor = config.has("monitor") ? required_dn(config, "monitor", nullptr) : "";
  if (!config.has("groups")) config.fault("groups", "is missing", "groups: { base: ou=groups,... }");
  read_groups(config.object("groups"), out.groups);
  config.no_other_keys();
  for (const auto& declared : settings.classes)
    if (declared.scope != model::Scope::kIgnored) out.classes.push_back(read_class(declared, place, diagnostics));
  if (settings.classes.empty())
    diagnostics.error(Reason::kConnectorConfig, place, "the target declares no account class",
                      "at least one, with its base");
  std::stable_sort(out.classes.begin(), out.classes.end(), [](const ClassConfig& a, const ClassConfig& b) {
    const auto depth = [](const ClassConfig& c) { return std::count(c.normal_base.begin(), c.normal_base.end(), ','); };
    return depth(a) > depth(b);
  });
  for (std::size_t i = 0; i + 1 < out.classes.size(); ++i)
    for (std::size_t j = i + 1; j < out.classes.size(); ++j)
      if (out.classes[i].normal_base == out.classes[j].normal_base && out.classes[i].filter == out.classes[j].filter)
        diagnostics.error(
            Reason::kConnectorConfig, place,
            "the classes " + out.classes[i].name + " and " + out.classes[j].name + " hold the same entries",
            "different bases or filters");
  out.ignored.insert(settings.ignored.begin(), settings.ignored.end());
  return out;
}

}  // namespace tenure::connector_ldap

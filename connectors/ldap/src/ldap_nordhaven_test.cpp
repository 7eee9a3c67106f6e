// The whole demo company through the connector, with the settings of examples/nordhaven/targets/directory.yaml.
#include "ldap_bench.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include <gtest/gtest.h>

#include <tenure/lab/company.hpp>

namespace tenure::connector_ldap {
namespace {

const connector::Call kCall{Duration::seconds(60), {}};

connector::Settings nordhaven(const lab::Slapd& server) {
  auto out = ldap_settings(server.url());
  out.config.as_object()["bind_dn"] = server.connector().dn;
  out.config.as_object()["password"] = "env:NORDHAVEN";
  out.config.as_object()["page_size"] = 500;
  out.config.as_object()["groups"].as_object().erase("families");
  driver().secrets().set("env:NORDHAVEN", server.connector().password);
  out.classes.clear();
  const auto declare = [&](const char* name, model::Purpose purpose, std::vector<std::string> attributes) {
    out.classes.push_back({.name = name,
                           .purpose = purpose,
                           .scope = model::Scope::kManaged,
                           .config = json::Object{{"base", std::string("ou=") + name + "," + kBase},
                                                  {"object_classes", json::Array{"inetOrgPerson"}},
                                                  {"rdn", "uid"}},
                           .attributes = std::move(attributes)});
  };
  declare("people", model::Purpose::kNormal,
          {"cn", "departmentNumber", "employeeNumber", "givenName", "mail", "sn", "title", "uid"});
  declare("admins", model::Purpose::kAdmin, {"cn", "employeeNumber", "sn"});
  declare("services", model::Purpose::kService, {"cn", "sn"});
  declare("shared", model::Purpose::kShared, {"cn"});
  return out;
}

TEST(Nordhaven, TheDirectoryIsReadWholeAndLeftAsItWas) {
  const auto company = lab::make_company({.today = *Time::parse("2026-11-20")});
  ASSERT_TRUE(company);
  const auto server = lab::Slapd::start({.base_dn = kBase, .seed_ldif = company->directory_ldif});
  ASSERT_TRUE(server) << server.error().to_string();
  const auto connection = open_ldap(nordhaven(*server));
  const auto faults = connection->preflight(kCall);
  ASSERT_TRUE(faults) << faults.error().to_string();
  for (const auto& fault : *faults) ADD_FAILURE() << fault.right << ": " << fault.why;

  const auto began = std::chrono::steady_clock::now();
  const auto all = connection->account_reader()->read_all(kCall);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  ASSERT_TRUE(all) << all.error().to_string();
  std::printf("%zu accounts, %zu entitlements, %zu grants read and checked in %.3f s\n", all->accounts.size(),
              all->entitlements.size(), all->grants.size(), took.count());
  EXPECT_TRUE(all->coverage.complete);
  EXPECT_EQ(all->coverage.reason, "");
  const auto& expected = company->expectations;
  EXPECT_EQ(static_cast<int>(all->accounts.size()), expected.accounts.at("directory"));
  const auto held_by_accounts = std::count_if(all->grants.begin(), all->grants.end(),
                                              [](const model::Grant& one) { return !one.holder.account.empty(); });
  EXPECT_EQ(static_cast<int>(held_by_accounts), expected.grants.at("directory"));
  const auto nested = [&](const char* holder, const char* entitlement) {
    const model::Grant wanted{{{}, model::EntitlementId(holder)}, model::EntitlementId(entitlement), ""};
    return std::binary_search(all->grants.begin(), all->grants.end(), wanted);
  };
  EXPECT_TRUE(nested("dept-sales", "crm-users"));
  EXPECT_TRUE(nested("build-admins", "vpn"));
  const auto disabled =
      std::count_if(all->accounts.begin(), all->accounts.end(), [](const model::Account& one) { return !one.enabled; });
  EXPECT_EQ(static_cast<int>(disabled), expected.on_leave);
  const auto again = connection->account_reader()->read_all(kCall);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->content_digest(), all->content_digest());
}

}  // namespace
}  // namespace tenure::connector_ldap

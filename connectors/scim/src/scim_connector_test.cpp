// Needs a real server: SCIMMY (npm) from libs/lab.
#include <gtest/gtest.h>

#include <tenure/connector/testing/conformance.hpp>
#include <tenure/connector_scim/scim_connector.hpp>
#include <tenure/lab/scim_app.hpp>

namespace tenure::connector_scim {
namespace {

using connector::testing::Right;

Status expect_status(const Result<lab::HttpAnswer>& answer) {
  if (!answer) return fail(answer.error());
  if (answer->status >= 300) return fail(Reason::kTargetRefused, answer->body);
  return {};
}

class ScimDriver final : public connector::testing::Driver {
 public:
  ScimDriver() : peer_(lab::ScimApp::start({.seed_json = kSeed, .page_max = 3}).value()), connector_(make_connector()) {
    secrets_.set("env:CRM_TOKEN", peer_.token());
  }

  const connector::Connector& connector() override { return *connector_; }
  connector::Settings settings() override { return settings_at(peer_.base_url()); }
  connector::Settings unreachable() override {
    return settings_at("http://127.0.0.1:" + std::to_string(lab::free_port().value()) + "/scim/v2");
  }
  connector::testing::MapSecrets& secrets() override { return secrets_; }
  std::string secret_reference() override { return "env:CRM_TOKEN"; }
  connector::AccountDraft draft(const std::string& name) override {
    return {"users",
            model::Purpose::kNormal,
            name + "@nordhaven.example",
            {{"name.givenName", "Zoë"}, {"emails", name + "@nordhaven.example"}, {"externalId", "P-" + name}},
            true};
  }
  model::AttributeMap changed_attributes(const connector::AccountDraft&) override {
    return {{"name.givenName", "Łukasz \"L\""}, {"emails", "new@nordhaven.example"}};
  }
  std::vector<Right> rights() override {
    return {{model::EntitlementId("crm-user"), ""}, {model::EntitlementId("crm-editor"), ""}};
  }
  model::NativeId absent_id() override { return model::NativeId("11111111-2222-4333-8444-555555555555"); }

  Status disable(const model::Account& account) override {
    return patch("/Users/" + account.id.str(), R"({"op":"replace","path":"active","value":false})");
  }
  Status remove(const model::Account& account) override {
    return expect_status(peer_.request("DELETE", "/Users/" + account.id.str()));
  }
  Status grant(const model::Account& account, const Right& right) override {
    TENURE_TRY(const std::string group, group_id(right.entitlement.str()));
    return patch("/Groups/" + group,
                 R"({"op":"add","path":"members","value":[{"value":")" + account.id.str() + "\"}]}");
  }
  Status revoke(const model::Account& account, const Right& right) override {
    TENURE_TRY(const std::string group, group_id(right.entitlement.str()));
    return patch("/Groups/" + group, R"({"op":"remove","path":"members[value eq \")" + account.id.str() + "\\\"]\"}");
  }
  Result<std::unique_ptr<connector::testing::OpenSession>> open_session(const model::Account&) override {
    return nullptr;
  }
  Status hang() override { return peer_.pause(); }
  Status resume() override { return peer_.resume(); }

 private:
  static constexpr const char* kSeed =
      R"({"Users":[],"Groups":[{"displayName":"crm-user"},{"displayName":"crm-editor"},{"displayName":"crm-approver"},
                   {"displayName":"crm-legacy-import"}]})";

  Status patch(const std::string& path, const std::string& operation) {
    return expect_status(peer_.request(
        "PATCH", path,
        R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[)" + operation + "]}"));
  }

  Result<std::string> group_id(const std::string& name) {
    TENURE_TRY(const auto answer, peer_.request("GET", "/Groups?count=100"));
    TENURE_TRY(const auto page, json::parse(answer.body));
    for (const auto& group : page.find("Resources")->as_array())
      if (group.string_or("displayName", "") == name) return group.string_or("id", "");
    return fail(Reason::kNotFound, name);
  }

  static connector::Settings settings_at(const std::string& url) {
    connector::Settings s;
    s.target = model::TargetName("crm");
    s.config = json::Object{{"url", url}, {"token", "env:CRM_TOKEN"}, {"page_size", 2}};
    s.classes = {{"users",
                  model::Purpose::kNormal,
                  model::Scope::kManaged,
                  json::Object{},
                  {"name.givenName", "emails", "externalId"}}};
    s.ignored = {model::EntitlementId("crm-legacy-import")};
    return s;
  }

  lab::ScimApp peer_;
  std::unique_ptr<connector::Connector> connector_;
  connector::testing::MapSecrets secrets_;
};

ScimDriver& driver() {
  static ScimDriver instance;
  return instance;
}

const bool kRegistered =
    connector::testing::register_conformance("Scim", []() -> connector::testing::Driver& { return driver(); });

TEST(ScimConnector, ReadsAllPagesAndSaysWhatItCannot) {
  ASSERT_TRUE(kRegistered);
  const auto connection = driver().connector().open(driver().settings(), driver().secrets()).value();
  for (int i = 0; i < 7; ++i)
    ASSERT_TRUE(connection->account_writer()->create({}, driver().draft("page" + std::to_string(i))));
  const auto observation = connection->account_reader()->read_all({}).value();
  EXPECT_GE(observation.accounts.size(), 7U);
  EXPECT_TRUE(observation.coverage.complete);
  EXPECT_EQ(connection->session_control(), nullptr);
  EXPECT_TRUE(connection->preflight({}).value().empty());
}

TEST(ScimSettings, EveryFaultIsNamed) {
  connector::Settings s;
  s.config = json::Object{{"url", "http://user:hunter2@app"}, {"token", "hunter2"}, {"pagesize", 3}};
  Diagnostics diagnostics;
  make_connector()->check(s, {"crm.yaml", 3, 1}, diagnostics);
  EXPECT_GE(diagnostics.error_count(), 4U);  // url, token, pagesize, classes
  for (const auto& diagnostic : diagnostics.sorted()) EXPECT_EQ(render(diagnostic).find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace tenure::connector_scim

#include "commands/village.hpp"

#include <filesystem>
#include <fstream>

#include <stdlib.h>

namespace tenure::cli {
namespace {

constexpr const char* kSettings = R"(apiVersion: tenure/v1
kind: Settings
metadata: { name: village }
attributes:
  person_id: string
  given_name: string
  family_name: string
  department: string
groups:
  operators: [ana.ash, bo.lind, dee.roy]
  security: [cai.moe]
---
apiVersion: tenure/v1
kind: Source
metadata: { name: hr, owner: ana.ash }
connector: csv
connection: { file: feeds/hr.csv }
of: person
precedence: 100
key: person_id
columns: [person_id, given_name, family_name, department, status]
identity: { key: person_id, correlate: person_id }
attributes:
  person_id: record.person_id
  given_name: record.given_name
  family_name: record.family_name
  department: record.department
engagement: { status: record.status }
---
apiVersion: tenure/v1
kind: Target
metadata: { name: office, owner: bo.lind }
connector: exchange
connection:
  folder: exchange/office
  accounts: { file: users.csv, key: userid, state: { column: status, enabled: [ACTIVE], disabled: [REVOKED] } }
  grants: { file: groups.csv, account: userid, entitlement: name }
manual:
  steps: { create: "add {account}", grant: "add {account} to {entitlement}", revoke: "take {account} out of {entitlement}" }
classes:
  people:
    of: person
    correlate: [{ account: person_id, equals: identity.person_id }]
    account:
      userid:
        allocate: slug(identity.given_name).substring(0, 1) + slug(identity.family_name)
        login: true
      person_id: identity.person_id
entitlements:
  staff: { title: Everybody, owner: bo.lind, risk: low }
  sales: { title: Sales, owner: bo.lind, risk: low }
  vault: { title: The vault, owner: cai.moe, risk: privileged }
---
apiVersion: tenure/v1
kind: Role
metadata: { name: staff, owner: bo.lind }
assign: identity.kind == "person"
grants: [{ target: office, entitlements: [staff] }]
---
apiVersion: tenure/v1
kind: Role
metadata: { name: sales, owner: bo.lind }
assign: identity.department == "Sales"
grants: [{ target: office, entitlements: [sales] }]
)";

}  // namespace

void Commands::SetUp() {
  std::string name = "/tmp/tenure-cli-XXXXXX";
  ASSERT_NE(::mkdtemp(name.data()), nullptr);
  folder_ = name;
}

void Commands::TearDown() {
  std::filesystem::remove_all(folder_);
}

Ran Commands::run(std::vector<std::string> words, const std::string& actor) const {
  words.insert(words.begin(), {"tenure", "--dir", folder_ + "/state", "--as", actor});
  std::vector<const char*> argv;
  for (const auto& word : words) argv.push_back(word.c_str());
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  const Parsed parsed = parse_command_line(static_cast<int>(argv.size()), argv.data());
  Ran ran{parsed.exit, "", ""};
  if (parsed.command != nullptr)
    ran.exit = parsed.command->run(
        {parsed.global, parsed.arguments, Output(parsed.global.format, parsed.global.color, parsed.global.quiet)});
  std::fflush(stdout);
  ran.err = ::testing::internal::GetCapturedStderr();
  ran.out = ::testing::internal::GetCapturedStdout();
  return ran;
}

void Commands::init() {
  const Ran ran = run({"init", std::string(TENURE_SOURCE_DIR) + "/examples/nordhaven"});
  ASSERT_EQ(ran.exit, Exit::kOk) << ran.err;
}

void Commands::write(const std::string& path, const std::string& text) const {
  std::filesystem::create_directories(std::filesystem::path(folder_ + "/" + path).parent_path());
  std::ofstream(folder_ + "/" + path) << text;
}

void Village::found(const std::string& more_documents, const std::string& more_settings) {
  std::string settings = kSettings;
  settings.insert(settings.find("---"), more_settings);
  write("policy/tenure.yaml", settings);
  if (!more_documents.empty()) write("policy/more.yaml", more_documents);
  const Ran ran = run({"init", folder_ + "/policy"});
  ASSERT_EQ(ran.exit, Exit::kOk) << ran.err;
}

void Village::people(const std::vector<std::string>& rows) const {
  std::string text = "person_id,given_name,family_name,department,status\n";
  for (const auto& row : rows) text += row + "\n";
  write("state/feeds/hr.csv", text);
}

void Village::office(const std::vector<std::string>& accounts, const std::vector<std::string>& grants) const {
  std::string users = "userid,status,person_id\n", groups = "userid,name\n";
  for (const auto& row : accounts) users += row + "\n";
  for (const auto& row : grants) groups += row + "\n";
  write("state/exchange/office/users.csv", users);
  write("state/exchange/office/groups.csv", groups);
}

std::string Village::plan() {
  for (const auto& words : std::vector<std::vector<std::string>>{{"source", "pull"}, {"target", "read"}}) {
    const Ran ran = run(words);
    EXPECT_EQ(ran.exit, Exit::kOk) << words[0] << ": " << ran.both();
  }
  const Ran made = run({"plan", "create", "-o", "json"});
  EXPECT_EQ(made.exit, Exit::kOk) << made.both();
  return made.json().string_or("digest", "");
}

void Village::onboard() {
  for (const auto& words : std::vector<std::vector<std::string>>{{"source", "pull"}, {"target", "read"}}) {
    const Ran ran = run(words);
    ASSERT_EQ(ran.exit, Exit::kOk) << words[0] << ": " << ran.both();
  }
  const Ran made = run({"plan", "create", "--onboard", "office", "-o", "json"});
  ASSERT_EQ(made.exit, Exit::kOk) << made.both();
  const std::string digest = made.json().string_or("digest", "");
  for (const char* person : {"bo.lind", "cai.moe"})
    run({"plan", "approve", digest, "--reason", "seen", "--release", "all"}, person);
  const Ran applied = run({"apply", digest, "--approve", digest});
  ASSERT_EQ(applied.exit, Exit::kOk) << applied.both();
}

}  // namespace tenure::cli

// Commands on a state folder of their own, from the words of the command line to the exit code; no servers.
#include "commands/village.hpp"

#include <filesystem>
#include <fstream>

#include <tenure/base/file.hpp>

namespace tenure::cli {
namespace {

TEST_F(Commands, WithoutStateSayWhatToDo) {
  const Ran ran = run({"status"});
  EXPECT_EQ(ran.exit, Exit::kFailed);
  EXPECT_EQ(ran.out, "");
  EXPECT_NE(ran.err.find("E-1002"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("tenure init"), std::string::npos) << ran.err;
}

TEST_F(Commands, InitIsOnceAndNeedsAPolicyThatLoads) {
  init();
  const Ran again = run({"init", std::string(TENURE_SOURCE_DIR) + "/examples/nordhaven"});
  EXPECT_EQ(again.exit, Exit::kFailed);
  EXPECT_NE(again.err.find("E-1003"), std::string::npos) << again.err;
}

TEST_F(Commands, PolicyCheckReportsEveryFaultAtOnce) {
  write("policy/tenure.yaml",
        "apiVersion: tenure/v1\nkind: Settings\nmetadata: { name: x }\nattributes:\n  a: sting\n");
  write("policy/roles/r.yaml",
        "apiVersion: tenure/v1\nkind: Role\nmetadata: { name: r, owner: o }\nassign: identity.nope == 1\ngrants:\n"
        "  - target: nowhere\n    entitlements: [e]\n");
  const Ran ran = run({"policy", "check", folder_ + "/policy", "-o", "json"});
  EXPECT_EQ(ran.exit, Exit::kFailed);
  EXPECT_EQ(ran.json().string_or("outcome", ""), "failed");
  EXPECT_GE(ran.json().int_or("errors", 0), 2) << ran.err;
  EXPECT_NE(ran.err.find("tenure.yaml"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("r.yaml"), std::string::npos) << ran.err;
}

// As a build server would use it: the exit code, a document for programs, JUnit's XML.
TEST_F(Commands, PolicyTestFailsWhenAnExampleDoes) {
  const std::string policy =
      "apiVersion: tenure/v1\nkind: Settings\nmetadata: { name: x }\nattributes: { department: string }\n---\n"
      "apiVersion: tenure/v1\nkind: Target\nmetadata: { name: t, owner: o }\nconnector: ldap\nconnection: {}\n"
      "classes: { people: { account: { login: identity.key } } }\nentitlements: { e: { title: E, owner: o } }\n---\n"
      "apiVersion: tenure/v1\nkind: Role\nmetadata: { name: r, owner: o }\nassign: identity.department == \"Sales\"\n"
      "grants: [{ target: t, entitlements: [e] }]\nexamples: [{ identity: { department: Sales }, holds: { t: [e] } "
      "}]\n";
  const auto examples = [](const std::string& department) {
    return "---\napiVersion: tenure/v1\nkind: Examples\nmetadata: { name: people }\nexamples:\n"
           "  - { name: A <b> & c, identity: { department: " +
           department + " }, holds: { t: [e] } }\n";
  };
  write("policy/tenure.yaml", policy + examples("Sales"));
  const std::string xml = folder_ + "/results.xml";
  const Ran good = run({"policy", "test", folder_ + "/policy", "-o", "json", "--junit", xml});
  EXPECT_EQ(good.exit, Exit::kOk) << good.err;
  EXPECT_EQ(good.json().int_or("run", 0), 2);
  EXPECT_EQ(good.json().int_or("failed", -1), 0);
  EXPECT_NE(read_file(xml).value_or("").find("tests=\"2\" failures=\"0\""), std::string::npos);
  write("policy/tenure.yaml", policy + examples("Yard"));
  const Ran bad = run({"policy", "test", folder_ + "/policy", "--junit", xml});
  EXPECT_EQ(bad.exit, Exit::kFailed);
  EXPECT_NE(bad.out.find("t: e is not held; expected: it is held"), std::string::npos) << bad.out;
  const std::string report = read_file(xml).value_or("");
  EXPECT_NE(report.find("<testsuite name=\"examples people\" tests=\"1\" failures=\"1\""), std::string::npos) << report;
  EXPECT_NE(report.find("<failure message=\"t: e is not held\">"), std::string::npos) << report;
  EXPECT_NE(report.find("name=\"A &lt;b&gt; &amp;"), std::string::npos) << report;
  write("policy/tenure.yaml", "kind: Nothing\n");
  EXPECT_EQ(run({"policy", "test", folder_ + "/policy"}).exit, Exit::kFailed);
}

TEST_F(Commands, PolicyCheckOfTheExample) {
  const Ran ran = run({"policy", "check", std::string(TENURE_SOURCE_DIR) + "/examples/nordhaven", "-o", "json"});
  EXPECT_EQ(ran.exit, Exit::kOk) << ran.err;
  EXPECT_EQ(ran.json().int_or("errors", -1), 0);
  EXPECT_EQ(ran.json().find("examples")->int_or("failed", -1), 0);
  EXPECT_GT(ran.json().find("examples")->int_or("run", 0), 0);
}

TEST_F(Commands, StatusShowsWhatIsUnknown) {
  init();
  const Ran ran = run({"status", "-o", "json"});
  EXPECT_EQ(ran.exit, Exit::kOk) << ran.err;
  EXPECT_EQ(ran.json().find("unknown")->as_array().size(), 4U);
  const Ran people = run({"status"});
  EXPECT_NE(people.out.find("0 of 4"), std::string::npos) << people.out;
  EXPECT_NE(people.out.find("? crm: never read"), std::string::npos) << people.out;
}

TEST_F(Commands, EmptyListsAreLists) {
  init();
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"plan", "list"}, {"run", "list"}, {"drift", "list"}, {"workorder", "list"}, {"identity", "list"}}) {
    auto with_format = words;
    with_format.insert(with_format.end(), {"-o", "json", "--exit-code"});
    const Ran ran = run(with_format);
    EXPECT_EQ(ran.exit, Exit::kOk) << ran.err;
    const json::Value value = ran.json();
    ASSERT_TRUE(value.find("items") != nullptr && value.find("items")->is_array()) << ran.out;
    EXPECT_TRUE(value.find("items")->as_array().empty()) << ran.out;
    EXPECT_NE(value.string_or("schema", ""), "");
    EXPECT_EQ(value.string_or("outcome", ""), "ok");
  }
}

// No finding is not "no drift" as long as no target was read.
TEST_F(Commands, EmptyDriftSaysWhatItCovers) {
  init();
  const Ran ran = run({"drift", "list"});
  EXPECT_NE(ran.out.find("0 findings from 0 of 4 targets"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("? directory: never read"), std::string::npos) << ran.out;
  const Ran csv = run({"drift", "list", "-o", "csv"});
  EXPECT_NE(csv.err.find("unknown: directory: never read"), std::string::npos) << csv.err;
}

TEST_F(Commands, WhatDoesNotExistIsFive) {
  init();
  for (const auto& words : std::vector<std::vector<std::string>>{{"plan", "show", "9f3c-77a1"},
                                                                 {"apply", "9f3c-77a1"},
                                                                 {"plan", "approve", "9f3c", "--reason", "r"},
                                                                 {"run", "show", "R-1"},
                                                                 {"workorder", "show", "W-1"},
                                                                 {"workorder", "done", "W-1", "--statement", "s"},
                                                                 {"drift", "revert", "F-1", "--reason", "r"},
                                                                 {"identity", "show", "nobody"},
                                                                 {"who-can", "nowhere:x"},
                                                                 {"target", "read", "nowhere"},
                                                                 {"source", "pull", "nowhere"},
                                                                 {"evidence", "show", "no-such-record"},
                                                                 {"explain", "E-0000"}}) {
    const Ran ran = run(words);
    EXPECT_EQ(ran.exit, Exit::kNotFound) << words[0] << " " << words[1] << "\n" << ran.err;
    EXPECT_EQ(ran.out, "");
    EXPECT_NE(ran.err, "");
  }
}

TEST_F(Commands, WordsThatAreWrongAreSixtyFour) {
  init();
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"apply", "--wait", "soon"},
                                             {"plan", "create", "--group", "colour"},
                                             {"plan", "create", "--onboard", "crm", "--target", "crm"},
                                             {"identity", "list", "--state", "happy"},
                                             {"drift", "list", "--kind", "odd"},
                                             {"drift", "accept", "F-1", "--until", "soon", "--reason", "r"},
                                             {"evidence", "show", "--last", "-3"},
                                             {"source", "pull", "--release", "sha256:00"},
                                             {"who-can", "directory"}}) {
    const Ran ran = run(words);
    EXPECT_EQ(ran.exit, Exit::kUsage) << words[0] << " " << words[1] << "\n" << ran.err;
  }
}

TEST_F(Commands, FeedsThatAreNotThereAreHeld) {
  init();
  write("state/feeds/hr.csv", "");
  const Ran ran = run({"source", "pull", "-o", "json"});
  EXPECT_EQ(ran.exit, Exit::kRefused) << ran.err;
  EXPECT_EQ(ran.json().string_or("outcome", ""), "refused");
  for (const auto& item : ran.json().find("items")->as_array()) {
    EXPECT_EQ(item.string_or("state", ""), "held");
    EXPECT_FALSE(item.find("held_for")->as_array().empty()) << json::to_string(item);
  }
}

TEST_F(Commands, EvidenceVerifiesAndAFlippedByteIsNine) {
  init();
  const Ran good = run({"evidence", "verify", "-o", "json"});
  EXPECT_EQ(good.exit, Exit::kOk) << good.err << good.out;
  EXPECT_TRUE(good.json().bool_or("ok", false));
  bool flipped = false;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ + "/state/log")) {
    if (!entry.is_regular_file() || entry.path().string().find("/entries/") == std::string::npos) continue;
    std::string bytes = read_file(entry.path().string()).value();
    ASSERT_FALSE(bytes.empty());
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    std::ofstream(entry.path(), std::ios::binary) << bytes;
    flipped = true;
  }
  ASSERT_TRUE(flipped);
  const Ran bad = run({"evidence", "verify", "-o", "json"});
  EXPECT_EQ(bad.exit, Exit::kBroken) << bad.out;
  EXPECT_EQ(bad.json().string_or("outcome", ""), "broken");
  EXPECT_FALSE(bad.json().find("faults")->as_array().empty());
}

TEST_F(Commands, PlanOfAnEmptyWorldSaysWhatItDoesNotKnow) {
  init();
  const Ran ran = run({"plan", "create"});
  EXPECT_EQ(ran.exit, Exit::kOk) << ran.err;
  EXPECT_NE(ran.out.find("Planned on 0 of 4 targets."), std::string::npos) << ran.out;
}

TEST_F(Commands, PolicyDiffTellsWhatDiffersInMeaning) {
  const std::string settings =
      "apiVersion: tenure/v1\nkind: Settings\nmetadata: { name: x }\nattributes: { a: string }\n";
  write("old/tenure.yaml", settings + "groups: { operators: [ana.ash] }\n");
  write("new/tenure.yaml", "# moved\n" + settings + "groups: { operators: [ana.ash, bo.lind] }\n");
  const Ran same = run({"policy", "diff", folder_ + "/old", folder_ + "/old", "--exit-code"});
  EXPECT_EQ(same.exit, Exit::kOk) << same.both();
  const Ran ran = run({"policy", "diff", folder_ + "/old", folder_ + "/new", "--exit-code"});
  EXPECT_EQ(ran.exit, Exit::kNotEmpty) << ran.both();
  EXPECT_NE(ran.out.find("~ Settings x\n    groups.operators[1]: (none) -> bo.lind"), std::string::npos) << ran.out;
  for (const char* format : {"json", "jsonl", "yaml", "csv"})
    EXPECT_NE(run({"policy", "diff", folder_ + "/old", folder_ + "/new", "-o", format}).out.find("groups.operators[1]"),
              std::string::npos)
        << format;
  EXPECT_EQ(run({"policy", "diff", folder_ + "/old", folder_ + "/nowhere"}).exit, Exit::kFailed);
}

TEST_F(Commands, ExplainKnowsEveryCode) {
  for (const auto& info : all_reasons()) {
    const Ran ran = run({"explain", reason_code(info.reason)});
    EXPECT_EQ(ran.exit, Exit::kOk) << ran.err;
    EXPECT_NE(ran.out.find(info.title), std::string::npos) << ran.out;
  }
}

}  // namespace
}  // namespace tenure::cli

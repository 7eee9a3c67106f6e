#include "cli/command.hpp"

#include <set>

#include <gtest/gtest.h>

#include <tenure/base/text.hpp>

namespace tenure::cli {
namespace {

struct Tried {
  Parsed parsed;
  std::string out, err;
};

Tried parse(std::vector<const char*> words) {
  words.insert(words.begin(), "tenure");
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Tried tried;
  tried.parsed = parse_command_line(static_cast<int>(words.size()), words.data());
  std::fflush(stdout);
  tried.err = testing::internal::GetCapturedStderr();
  tried.out = testing::internal::GetCapturedStdout();
  return tried;
}

TEST(Parse, NounAndVerbWithArguments) {
  const auto tried =
      parse({"plan", "approve", "9f3c-77a1", "--reason", "looked at it", "--release", "C-1", "--release", "C-2"});
  ASSERT_NE(tried.parsed.command, nullptr) << tried.err;
  EXPECT_EQ(tried.parsed.command->path, "plan approve");
  EXPECT_EQ(tried.parsed.arguments.text("DIGEST"), "9f3c-77a1");
  EXPECT_EQ(tried.parsed.arguments.text("reason"), "looked at it");
  EXPECT_EQ(tried.parsed.arguments.texts("release"), (std::vector<std::string>{"C-1", "C-2"}));
  EXPECT_FALSE(tried.parsed.arguments.has("full"));
}

TEST(Parse, GlobalOptionsStandBeforeAndAfterTheVerb) {
  for (const auto& words :
       std::vector<std::vector<const char*>>{{"-o", "json", "--dir", "/x", "--exit-code", "plan", "show", "9f3c"},
                                             {"plan", "-o", "json", "--dir", "/x", "--exit-code", "show", "9f3c"},
                                             {"plan", "show", "-o", "json", "--dir", "/x", "--exit-code", "9f3c"},
                                             {"plan", "show", "9f3c", "--output", "json", "--dir=/x", "--exit-code"}}) {
    const auto tried = parse(words);
    ASSERT_NE(tried.parsed.command, nullptr) << tried.err;
    EXPECT_EQ(tried.parsed.command->path, "plan show");
    EXPECT_EQ(tried.parsed.global.format, Format::kJson);
    EXPECT_EQ(tried.parsed.global.folder, "/x");
    EXPECT_TRUE(tried.parsed.global.exit_code);
    EXPECT_EQ(tried.parsed.arguments.text("DIGEST"), "9f3c");
  }
}

TEST(Parse, ManyPositionalsAndOptionalOnes) {
  EXPECT_EQ(parse({"drift", "revert", "F-1", "F-2", "--reason", "r"}).parsed.arguments.texts("ID"),
            (std::vector<std::string>{"F-1", "F-2"}));
  const auto two = parse({"why", "P00468", "mainframe:PAY.DATA"});
  ASSERT_NE(two.parsed.command, nullptr) << two.err;
  EXPECT_EQ(two.parsed.arguments.text("IDENTITY"), "P00468");
  EXPECT_EQ(two.parsed.arguments.text("RESOURCE"), "mainframe:PAY.DATA");
  const auto resume = parse({"apply"});
  ASSERT_NE(resume.parsed.command, nullptr) << resume.err;
  EXPECT_FALSE(resume.parsed.arguments.has("DIGEST"));
}

TEST(Parse, UnknownCommandNamesTheNearest) {
  const std::vector<std::pair<std::vector<const char*>, std::string>> cases = {
      {{"plan", "creat"}, "did you mean `tenure plan create`?"},
      {{"plam", "create"}, "did you mean `tenure plan`?"},
      {{"aply", "9f3c"}, "did you mean `tenure apply`?"},
      {{"--dir", "x", "evidence", "verfy"}, "did you mean `tenure evidence verify`?"},
      {{"who-cn", "a:b"}, "did you mean `tenure who-can`?"},
      {{"drift", "zzz"}, "there are: list, adopt, revert, accept, declare"},
      {{"plan"}, "`tenure plan` needs one of: create, show, list, approve, discard"},
      {{}, "a command is missing"}};
  for (const auto& [words, expected] : cases) {
    const auto tried = parse(words);
    EXPECT_EQ(tried.parsed.command, nullptr);
    EXPECT_EQ(tried.parsed.exit, Exit::kUsage);
    EXPECT_NE(tried.err.find(expected), std::string::npos) << tried.err;
    EXPECT_EQ(tried.out, "");
  }
}

TEST(Parse, UsageErrorsAreSixtyFour) {
  for (const auto& words : std::vector<std::vector<const char*>>{
           {"plan", "show"},                         // positional is missing
           {"plan", "approve", "9f3c"},              // --reason is missing
           {"plan", "approve", "9f3c", "--reason"},  // value is missing
           {"plan", "show", "9f3c", "--yes"},        // there is no such option, here or anywhere
           {"apply", "9f3c", "--yes"},
           {"plan", "show", "9f3c", "77a1"},  // one too many
           {"status", "-o", "xml"},
           {"drift", "accept", "F-1", "--reason", "r"}}) {  // --until is missing
    const auto tried = parse(words);
    EXPECT_EQ(tried.parsed.command, nullptr);
    EXPECT_EQ(tried.parsed.exit, Exit::kUsage) << tried.err;
    EXPECT_NE(tried.err.find("E-1001"), std::string::npos) << tried.err;
    EXPECT_EQ(tried.err.find("did you mean"), std::string::npos) << "the command was right: " << tried.err;
    EXPECT_EQ(tried.out, "");
  }
}

TEST(Parse, HelpIsDataAndNoError) {
  const auto all = parse({"--help"});
  EXPECT_EQ(all.parsed.command, nullptr);
  EXPECT_EQ(all.parsed.exit, Exit::kOk);
  EXPECT_NE(all.out.find("evidence"), std::string::npos);
  EXPECT_EQ(all.out.find("__reference"), std::string::npos);
  EXPECT_EQ(all.err, "");
  const auto one = parse({"plan", "approve", "--help"});
  EXPECT_EQ(one.parsed.exit, Exit::kOk);
  EXPECT_NE(one.out.find("--release"), std::string::npos) << one.out;
}

TEST(Parse, NoColorIsRespected) {
  ::setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(parse({"status"}).parsed.global.color);
  EXPECT_TRUE(parse({"status", "--color", "always"}).parsed.global.color);
  ::unsetenv("NO_COLOR");
  EXPECT_FALSE(parse({"status"}).parsed.global.color) << "stdout is no terminal here";
}

TEST(Parse, FolderAndPersonComeFromTheEnvironment) {
  ::setenv("TENURE_DIR", "/from-env", 1);
  ::setenv("TENURE_AS", "ana.ash", 1);
  EXPECT_EQ(parse({"status"}).parsed.global.folder, "/from-env");
  EXPECT_EQ(parse({"status"}).parsed.global.actor, "ana.ash");
  EXPECT_EQ(parse({"status", "--dir", "/x", "--as", "bo.lind"}).parsed.global.folder, "/x");
  EXPECT_EQ(parse({"status", "--as", "bo.lind"}).parsed.global.actor, "bo.lind");
  ::unsetenv("TENURE_DIR");
  ::unsetenv("TENURE_AS");
  EXPECT_EQ(parse({"status"}).parsed.global.folder, ".tenure");
  EXPECT_NE(parse({"status"}).parsed.global.actor, "");
}

TEST(Table, EveryCommandIsWhole) {
  std::set<std::string> nouns, seen;
  for (const auto& [noun, help] : all_nouns()) nouns.insert(noun);
  for (const auto& command : all_commands()) {
    EXPECT_TRUE(seen.insert(command.path).second) << command.path << " is there twice";
    EXPECT_NE(command.run, nullptr) << command.path;
    EXPECT_FALSE(command.help.empty()) << command.path;
    const auto words = split(command.path, ' ');
    ASSERT_LE(words.size(), 3U);
    EXPECT_EQ(words.size() > 1, nouns.contains(words[0])) << command.path;
    for (const auto& option : command.options) {
      EXPECT_NE(option.name, "yes");
      EXPECT_EQ(option.value.empty(), option.arity == Arity::kFlag) << command.path << " --" << option.name;
      for (const auto& global : global_options()) EXPECT_NE(option.name, global.name) << command.path;
    }
  }
}

TEST(Table, FirstCommandsAreThere) {
  std::set<std::string> paths;
  for (const auto& command : all_commands()) paths.insert(command.path);
  for (const char* path : {"init",           "policy check",    "source pull",     "source list",
                           "target read",    "target list",     "target test",     "plan create",
                           "plan list",      "plan show",       "plan approve",    "plan discard",
                           "apply",          "run list",        "run show",        "drift list",
                           "drift adopt",    "drift revert",    "drift accept",    "drift declare",
                           "workorder list", "workorder show",  "workorder claim", "workorder done",
                           "identity list",  "identity show",   "who-can",         "why",
                           "evidence show",  "evidence verify", "evidence seal",   "status",
                           "doctor",         "version",         "explain"})
    EXPECT_TRUE(paths.contains(path)) << path;
}

}  // namespace
}  // namespace tenure::cli
